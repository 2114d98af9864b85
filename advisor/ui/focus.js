// A rerun that removes or disables the focused control sends whoever works by keys back to the top of the page.
// This focuses the same control if it's there again, else its neighbor, and on another page the title. A page that is
// opened with what its address names far down is scrolled there. On a phone the menu closes once a page is chosen.
if (!window.advisorKeepsFocus) {
  window.advisorKeepsFocus = true; // a script runs again where Streamlit draws it again
  const buttons = "button:not([aria-label^='Help for']), a:not([href^='#']), summary, [type=radio], [type=checkbox]";
  const fields = "input, textarea, [role=slider]"; // never a neighbor: nobody chose to type there
  const busy = "[role=dialog], [data-testid=stPopoverBody], [data-test-script-state=running]";
  const places = { show: ".st-key-filters", role: ".st-key-new_model" }; // by what the address says, far down the page
  let last = null; // where in the page a key was pressed; null once the pointer is used
  let isHeld = false; // a key that repeats isn't to press the neighbor too
  let timer = 0;
  const far = (each, { top, left } = each.getBoundingClientRect()) => Math.hypot(top - last.top, left - last.left);
  const nearest = (place, selector) =>
    [...place.querySelectorAll(selector)]
      .filter((each) => !each.disabled && each.tabIndex >= 0 && each.checkVisibility({ visibilityProperty: true }))
      .sort((a, b) => far(a) - far(b))[0];
  let arrived = ""; // the page that has shown what its address asks for
  const reveal = () => {
    if (arrived === location.pathname || document.querySelector(busy)) return;
    const asked = Object.entries(places).find(([name]) => new URLSearchParams(location.search).has(name));
    const place = asked && document.querySelector(asked[1]);
    if (asked && !place) return;
    arrived = location.pathname;
    place?.scrollIntoView();
  };
  const restore = () => {
    timer = 0;
    reveal();
    if (!last || document.activeElement !== document.body || !document.hasFocus()) return;
    if (isHeld || document.querySelector(busy)) return wait();
    const main = document.querySelector("[data-testid=stMain]") ?? document.body;
    const same = nearest(main, `.${last.key} :is(${buttons}, ${fields})`);
    const near = last.around.map((each) => each.isConnected && main.contains(each) && nearest(each, buttons));
    const title = main.querySelector("h1");
    title?.setAttribute("tabindex", "-1");
    (last.page === location.pathname ? (same ?? near.find(Boolean)) : title)?.focus({ preventScroll: true });
  };
  const wait = () => (timer ||= setTimeout(restore, 200));
  const remember = (event) => {
    const { target, type } = event;
    const { top, left } = target.getBoundingClientRect();
    const key = target.closest("[class*=st-key-]")?.className.match(/st-key-\S+/)[0];
    const around = event.composedPath(); // inmost first
    isHeld = type === "keydown";
    if (target.closest("[data-testid=stSidebar]")) last = null;
    if (target.closest("[data-testid=stMain]")) last = { key, top, left, around, page: location.pathname };
  };
  for (const key of ["keydown", "keyup"]) document.addEventListener(key, remember, true); // Tab: where it went
  document.addEventListener("pointerdown", () => (last = null), true);
  document.addEventListener("click", ({ target }) => {
    const covers = innerWidth < 768 && target.closest("[data-testid=stSidebarNavLink]"); // as Streamlit has it
    if (covers) document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
  });
  new MutationObserver(wait).observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
}
