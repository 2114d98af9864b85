"""Files: what each archive holds and lacks, a preview of every file, and the page stays quick."""

from pathlib import Path

from tests.pages.decided_study import assert_calm, open_page, sample_database


def test_the_archive_is_previewed_and_says_what_it_lacks(tmp_path: Path) -> None:
    sample_database(tmp_path / "advisor.db", traffic_share=0.0001)
    at = open_page("pages/decision/files.py")
    assert_calm(at)
    assert "model_list:" in at.code[0].value
    assert all(button.proto.ignore_rerun for button in at.get("download_button")), "a rerun may lose the file"
    assert sum("has no host" in each.value for each in at.markdown) >= 1
    preview = at.selectbox(key="preview_litellm")
    assert preview.options[0] == "gateway.yaml"
    assert len(preview.options) == 7
    for name in preview.options:
        at.selectbox(key="preview_litellm").set_value(name).run()
        assert_calm(at)
        assert at.code[0].value
    for kind, main, files in (("deploy", "README.md", 1), ("trace", "aiperf.jsonl", 3)):
        at.segmented_control(key="part").set_value(kind).run()
        assert_calm(at)
        preview = at.selectbox(key=f"preview_{kind}")
        assert (preview.value, len(preview.options)) == (main, files)
        assert at.code[0].value
    at.segmented_control(key="part").set_value("finetune").run()
    assert_calm(at)
    assert any("Services Agreement" in each.value for each in at.warning), "terms come before the download"
    assert '"role": "assistant"' in at.code[0].value
    at.segmented_control(key="part").set_value("dpo").run()
    assert_calm(at)
    assert any("untested call" in each.value for each in at.markdown)
    at.toggle(key="files_tested").set_value(True).run()
    assert_calm(at)
    assert not any("untested call" in each.value for each in at.markdown)
    preview = at.selectbox(key="preview_dpo")
    preview.set_value(next(name for name in preview.options if name.endswith("train.jsonl"))).run()
    assert '"rejected"' in at.code[0].value
