"""Sheets of one workbook: a sheet of counts beside one of calls isn't counted again."""

from pathlib import Path

from advisor.collect.sources import open_logs
from advisor.ingest.files.sources import Source


def test_counts_beside_calls_of_one_workbook_are_passed_over(tmp_path: Path) -> None:
    chats, usage = tmp_path / "1.csv", tmp_path / "2.csv"
    chats.write_text("frage,antwort\nWo ist mein Paket?,Es kommt heute an.\nUnd meins?,Morgen.\n")
    usage.write_text(
        "request_id,timestamp,model,input_tokens,output_tokens\nr1,2026-03-01T10:00:00Z,gpt-4o,10,20\n"
        "r2,2026-03-01T10:01:00Z,gpt-4o,11,21\n"
    )

    def opened(book: str) -> tuple[list[str], list[str]]:
        sources = [Source(chats, f"{book}/Chats", is_found=True), Source(usage, f"{book}/Usage", is_found=True)]
        logs, passed_over = open_logs(sources, format="auto", columns=None, check=lambda: None)
        return [label for _, label in logs], [label for label, _ in passed_over]

    assert opened("book.xlsx") == (["book.xlsx/Chats"], ["book.xlsx/Usage"])
    assert opened("folder") == (["folder/Chats", "folder/Usage"], [])
