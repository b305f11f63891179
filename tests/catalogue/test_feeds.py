"""Product feeds: every picture of every product, and the feed again with nothing else changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from unframe.catalogue import open_source
from unframe.catalogue.feed_out import write_feed
from unframe.catalogue.sources.feeds import Feed
from unframe.errors import OutputError, ScanError

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0">
<!-- a comment with <g:image_link>not me</g:image_link> -->
<channel><title>Shop &amp; Söhne</title>
<item>
  <g:image_link>https://cdn.example/1.jpg?a=1&amp;b=2</g:image_link>
  <g:additional_image_link> https://cdn.example/1b.jpg </g:additional_image_link>
  <g:additional_image_link><![CDATA[https://cdn.example/1c.jpg?x=1&y=2]]></g:additional_image_link>
  <g:id>SKU-1</g:id><title>Größe &lt;L&gt;</title>
  <g:shipping><g:image_link>https://cdn.example/nested.jpg</g:image_link></g:shipping>
</item>
<item><g:id>SKU-2</g:id><g:image_link/><g:brand>Acme</g:brand></item>
<item><g:id>SKU-3</g:id><g:image_link>https://cdn.example/ö.jpg</g:image_link></item>
</channel></rss>
"""
RSS_PICTURES = [
    "https://cdn.example/1.jpg?a=1&b=2",
    "https://cdn.example/1b.jpg",
    "https://cdn.example/1c.jpg?x=1&y=2",
    "https://cdn.example/ö.jpg",
]


def feed(path: Path, text: str, encoding: str = "utf-8") -> Feed:
    path.write_bytes(text.encode(encoding))
    source = open_source(str(path))
    assert isinstance(source, Feed)
    return source


def rewritten(source: Feed, values: list[str | None]) -> bytes:
    out = io.BytesIO()
    pairs: Iterator[tuple[str, str | None]] = zip([item.path for item in source], values, strict=True)
    source.rewrite(pairs, out)
    return out.getvalue()


def test_google_xml_gives_all_pictures_with_their_products(tmp_path: Path) -> None:
    source = feed(tmp_path / "feed.xml", RSS)
    items = list(source)
    assert [item.path for item in items] == RSS_PICTURES
    assert [(item.columns["image_field"], item.columns["image_position"]) for item in items] == [
        ("image_link", 0),
        ("additional_image_link", 0),
        ("additional_image_link", 1),
        ("image_link", 0),
    ]
    assert items[0].columns["title"] == items[2].columns["title"] == "Größe <L>"
    assert [item.columns["id"] for item in items] == ["SKU-1", "SKU-1", "SKU-1", "SKU-3"]
    assert source.count() == 4


def test_google_xml_is_written_again_with_only_the_addresses_changed(tmp_path: Path) -> None:
    source = feed(tmp_path / "feed.xml", RSS)
    assert rewritten(source, [None] * 4) == RSS.encode()
    new = rewritten(source, ["https://new/1.jpg?x&y", None, "https://new/1c.jpg", "https://new/ß.jpg"]).decode()
    expected = (
        RSS.replace("https://cdn.example/1.jpg?a=1&amp;b=2", "https://new/1.jpg?x&amp;y")
        .replace("<![CDATA[https://cdn.example/1c.jpg?x=1&y=2]]>", "https://new/1c.jpg")
        .replace("https://cdn.example/ö.jpg", "https://new/ß.jpg")
    )
    assert new == expected


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_xml_of_another_encoding_keeps_it(tmp_path: Path, encoding: str) -> None:
    text = RSS.replace("UTF-8", encoding)
    source = feed(tmp_path / "feed.xml", text, encoding)
    new = rewritten(source, [None, None, None, "https://new/\u0142.jpg"])
    expected = (
        text.encode(encoding)
        .decode(encoding)
        .replace(
            "https://cdn.example/ö.jpg", "https://new/\u0142.jpg" if encoding == "utf-16" else "https://new/&#322;.jpg"
        )
    )
    assert new.decode(encoding) == expected


def test_atom_and_large_feeds_are_read_in_pieces(tmp_path: Path) -> None:
    entries = "".join(
        f"<entry><g:id>{n}</g:id><g:description>{'x' * 3000}</g:description>"
        f"<g:image_link>https://cdn.example/{n}.jpg</g:image_link></entry>"
        for n in range(200)
    )
    text = f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">{entries}</feed>'
    source = feed(tmp_path / "feed.xml", text)
    assert [item.path for item in source] == [f"https://cdn.example/{n}.jpg" for n in range(200)]
    new = rewritten(source, [f"https://new/{n}.jpg" if n % 2 else None for n in range(200)])
    for n in range(1, 200, 2):
        text = text.replace(f"https://cdn.example/{n}.jpg<", f"https://new/{n}.jpg<")
    assert new.decode() == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><rss><item><image_link>&a;</image_link></item></rss>', "document type"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><rss/>', "document type"),
        ("<rss><item></rss>", "well-formed"),
        ("<rss><item><image_link>a.jpg</image_link>", "well-formed"),
    ],
)
def test_xml_that_is_refused(tmp_path: Path, text: str, message: str) -> None:
    source = feed(tmp_path / "feed.xml", text)
    with pytest.raises(ScanError, match=message):
        list(source)


def test_google_tsv(tmp_path: Path) -> None:
    text = (
        "id\ttitle\timage link\tadditional image link\r\n"
        'A\t"a ""big"" one"\thttps://c/1.jpg\thttps://c/2.jpg, https://c/3.jpg\r\n'
        "B\tb\thttps://c/4.jpg\t\r\n"
        "C\tc\t\t\r\n"
    )
    source = feed(tmp_path / "feed.txt", text)
    items = list(source)
    assert [item.path for item in items] == [f"https://c/{n}.jpg" for n in range(1, 5)]
    assert [item.columns["image_position"] for item in items] == [0, 0, 1, 0]
    assert [item.columns["id"] for item in items] == ["A", "A", "A", "B"]
    assert rewritten(source, [None] * 4) == text.encode()
    new = rewritten(source, [None, None, "https://n/3.jpg", None]).decode()
    assert new == text.replace("https://c/3.jpg", "https://n/3.jpg")


def test_shopify_fills_what_it_says_only_in_the_first_row_of_a_product(tmp_path: Path) -> None:
    text = (
        "Handle,Title,Vendor,Image Src,Image Position,Variant Image\n"
        'hat,"Hat, red",Acme,https://c/h1.jpg,1,https://c/hv.jpg\n'
        "hat,,,https://c/h2.jpg,2,\n"
        "cap,Cap,,https://c/c1.jpg,1,\n"
    )
    source = feed(tmp_path / "products.csv", "\ufeff" + text)
    items = list(source)
    assert [item.path for item in items] == [
        "https://c/h1.jpg", "https://c/hv.jpg", "https://c/h2.jpg", "https://c/c1.jpg",
    ]  # fmt: skip
    assert [item.columns["Title"] for item in items] == ["Hat, red", "Hat, red", "Hat, red", "Cap"]
    assert [item.columns["Vendor"] for item in items] == ["Acme", "Acme", "Acme", ""]
    new = rewritten(source, ["https://n/1.jpg", None, None, None]).decode()
    assert new == "\ufeff" + text.replace("https://c/h1.jpg", "https://n/1.jpg")


def test_woocommerce_has_several_pictures_in_a_cell(tmp_path: Path) -> None:
    text = 'ID,SKU,Name,Images\n1,a,"H\ra\rt","https://c/1.jpg, https://c/2.jpg"\n2,b,"Cap\nnew",https://c/3.jpg\n'
    source = feed(tmp_path / "products.csv", text)
    assert [item.path for item in source] == [f"https://c/{n}.jpg" for n in (1, 2, 3)]
    new = rewritten(source, [None, "https://n/2.jpg", None]).decode()
    assert new == text.replace("https://c/2.jpg", "https://n/2.jpg")
    assert list(csv.reader(io.StringIO(new)))[2] == ["2", "b", "Cap\nnew", "https://c/3.jpg"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_header_that_spans_lines(tmp_path: Path, end: str) -> None:
    text = f'ID,SKU,Images,"Note\n(internal)",Name{end}1,a,https://c/1.jpg,x,Hat{end}2,b,https://c/2.jpg,y,Cap{end}'
    source = feed(tmp_path / "products.csv", text)
    assert [item.columns["Name"] for item in source] == ["Hat", "Cap"]
    assert rewritten(source, [None, None]).decode() == text
    new = rewritten(source, [None, "https://n/2.jpg"]).decode()
    assert new == text.replace("https://c/2.jpg", "https://n/2.jpg")


@pytest.mark.parametrize("header", ["ID,SKU,Images", 'ID,SKU,Images,"Note'])
def test_a_quote_that_is_left_open_is_named(tmp_path: Path, header: str) -> None:
    path = tmp_path / "products.csv"
    path.write_text(f'{header}\n1,a,"{"x" * 1_100_000}\n')
    with pytest.raises(ScanError, match=r"products\.csv, line \d: .*; mend the quotes there"):
        list(open_source(str(path)))


def test_what_to_carry_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(RSS)
    [first, *_] = open_source(str(tmp_path / "feed.xml"), keep=["brand"])
    assert first.columns == {"image_field": "image_link", "image_position": 0, "brand": None}
    (tmp_path / "p.csv").write_text("ID,SKU,Name,Images\n1,a,Hat,https://c/1.jpg\n")
    with pytest.raises(ScanError, match="no column 'brand'"):
        open_source(str(tmp_path / "p.csv"), keep=["brand"])
    with pytest.raises(ScanError, match="no column Image Src"):
        open_source(str(tmp_path / "p.csv"), "shopify")


def test_a_feed_that_has_changed_is_not_written(tmp_path: Path) -> None:
    source = feed(tmp_path / "feed.xml", RSS)
    records = [{"path": path, "output": None} for path in RSS_PICTURES]
    out = tmp_path / "out.xml"
    for wrong in (records[:-1], [*records, records[0]], [records[1], records[0], *records[2:]]):
        with pytest.raises(ScanError, match="has changed"):
            write_feed(source, wrong, out, tmp_path)
        assert not out.exists()
    assert write_feed(source, records, out, tmp_path) == 0
    assert out.read_text() == RSS
    with pytest.raises(OutputError):
        write_feed(source, records, out, tmp_path)


def test_cleaned_pictures_get_public_addresses(tmp_path: Path) -> None:
    source = feed(tmp_path / "feed.xml", RSS)
    records = [{"path": path, "output": None} for path in RSS_PICTURES]
    records[1]["output"] = str(tmp_path / "cleaned" / "cdn.example" / "1 b.jpg")
    out = tmp_path / "out.xml"
    assert write_feed(source, records, out, tmp_path / "cleaned", public="https://x.example/c/") == 1
    assert "https://x.example/c/cdn.example/1%20b.jpg" in out.read_text()
    with pytest.raises(OutputError, match="does not lie below"):
        write_feed(source, records, out, tmp_path / "other", public="https://x.example", overwrite=True)
