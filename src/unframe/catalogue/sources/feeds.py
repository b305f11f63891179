"""Product feeds: every picture of every product, and the feed again with other pictures in their places.

Google Merchant Center takes RSS or Atom with elements of its own, or a table separated by tabs
(https://support.google.com/merchants/answer/7052112). Shopify (https://help.shopify.com/en/manual/products/import-export)
and WooCommerce (https://woocommerce.com/document/product-csv-importer-exporter/) take CSV.

A feed is read as *slots*: the places in its bytes that hold a picture's address. Reading and writing go over the same
slots in the same order, and whatever lies between them is copied byte for byte.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, Literal, NamedTuple
from xml.parsers import expat  # document types, and with them all entities, are refused below
from xml.sax.saxutils import escape

from unframe.catalogue.addresses import is_remote, opened, shown
from unframe.catalogue.item import Column, Item, Scalar
from unframe.catalogue.sources.lists import Base, TableRows, cells, item_of, text
from unframe.errors import ScanError
from unframe.files import CsvText

FeedKind = Literal["google", "shopify", "woocommerce"]

CARRIED: dict[FeedKind, tuple[str, ...]] = {
    "google": ("id", "item_group_id", "title", "brand"),
    "shopify": ("Handle", "Title", "Vendor"),
    "woocommerce": ("ID", "SKU", "Name"),
}
"""What is carried through of a product when nothing else is asked for, where the feed has it."""

PICTURES: dict[FeedKind, tuple[str, ...]] = {
    "google": ("image_link", "additional_image_link"),
    "shopify": ("Image Src", "Variant Image"),
    "woocommerce": ("Images",),
}
"""Fields that hold pictures; the first is the main one."""

_OWN = (Column("image_field"), Column("image_position", "integer"))
_SEVERAL = re.compile(r"(\s*,\s*)")  # between addresses in one cell; a comma within one is written %2C
_BLOCK = 1 << 16


class Slot(NamedTuple):
    """One place of a feed that holds a picture's address.

    Attributes:
        value: The address.
        field: The field it stands in.
        position: Its position among the product's pictures of that field, from 0.
        product: What the feed says about the product.
        where: What messages call the place.
    """

    value: str
    field: str
    position: int
    product: Mapping[str, Scalar]
    where: str


class Feed:
    """The pictures of a product feed.

    Args:
        address: The feed.
        kind: Its format.
        base: What relative paths begin at; the feed's folder when omitted.
        keep: What to carry through of a product; `CARRIED` when omitted.

    Raises:
        ScanError: It cannot be read, or has no pictures' column.
    """

    def __init__(
        self, address: str, kind: FeedKind, *, base: str | None = None, keep: Sequence[str] | None = None
    ) -> None:
        self.address = shown(address)
        self._base = Base.of(address, base)
        self._format: _Xml | _Table = _Xml(address) if _is_xml(address) else _Table(address, kind)
        self._product = self._format.carried(CARRIED[kind] if keep is None else keep, asked=keep is not None)
        self.columns = (*_OWN, *(Column(name) for name in self._product))

    def __iter__(self) -> Iterator[Item]:
        """An item for each picture, product by product."""
        for slot in self._format.slots(self._product):
            columns = {"image_field": slot.field, "image_position": slot.position, **slot.product}
            yield item_of(slot.value, self._base, columns, slot.where)

    def count(self) -> int | None:
        """How many pictures there are; unknown where that would fetch the feed twice."""
        return None if is_remote(self._format.address) else sum(1 for _ in self._format.slots(()))

    def rewrite(self, values: Iterator[tuple[str, str | None]], out: BinaryIO) -> int:
        """Write the feed again.

        Args:
            values: For each slot, in order, what it held when it was scanned and what it is to hold; ``None`` leaves it
                as it is.
            out: Where to write.

        Returns:
            How many slots were changed.

        Raises:
            ScanError: The slots are others: the feed is not the one that was scanned.
        """
        counted = _Counted(values, self.address)
        self._format.rewrite(counted, out)
        counted.finish()
        return counted.changed


class _Counted:
    """Values for slots, one for each, counted."""

    def __init__(self, values: Iterator[tuple[str, str | None]], feed: str) -> None:
        self._values = values
        self._error = f"{feed} has changed since it was scanned; scan it again"
        self.changed = 0

    def take(self, old: str) -> str:
        scanned, new = next(self._values, (None, None))
        if scanned != old:
            raise ScanError(self._error)
        self.changed += new is not None
        return old if new is None else new

    def finish(self) -> None:
        if next(self._values, None) is not None:
            raise ScanError(self._error)


def kind_of(address: str) -> FeedKind | None:
    """The format of a table that is a feed; ``None`` for a plain list.

    Raises:
        ScanError: It cannot be read.
    """
    if not (address.partition("?")[0] if is_remote(address) else address).lower().endswith((".csv", ".tsv", ".txt")):
        return None
    with text(address) as stream:
        head = stream.readline()
    names = {_field(name) for name in re.split(r"[\t,;]", head.strip().replace('"', ""))}
    if {"handle", "image_src"} <= names:
        return "shopify"
    if "images" in names and names & {"sku", "name"}:
        return "woocommerce"
    if "image_link" in names and ("\t" in head or "additional_image_link" in names):
        return "google"
    return None


def _is_xml(address: str) -> bool:
    with opened(address) as file:
        start = file.read(64).lstrip(codecs.BOM_UTF8)
    return start.lstrip().startswith(b"<") or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def _field(name: str) -> str:
    """A field's name as it is compared: Google writes `image link` or `image_link`, with `g:` in XML."""
    return name.strip().lower().rpartition(":")[2].replace(" ", "_")


class _Table:
    """A feed that is a table: a product, or one of its pictures, in each row."""

    def __init__(self, address: str, kind: FeedKind) -> None:
        self.address = address
        self._delimiter = (rows := TableRows(address)).delimiter
        self._names = [each.name for each in rows.columns]
        places = {_field(name): at for at, name in reversed(list(enumerate(self._names)))}
        self._pictures = [places[_field(name)] for name in PICTURES[kind] if _field(name) in places]
        if not self._pictures:
            wanted = " or ".join(PICTURES[kind])
            raise ScanError(f"{shown(address)} has no column {wanted}; it has {', '.join(self._names)}")
        self._single = kind == "shopify"
        # Shopify names a product's title and vendor only in the first of its rows.
        self._group = places.get("handle") if kind == "shopify" else None

    def carried(self, names: Sequence[str], *, asked: bool) -> dict[str, int]:
        """The columns of these names and where they are.

        Raises:
            ScanError: One that the user asked for is not there.
        """
        places = {_field(name): at for at, name in enumerate(self._names)}
        missing = [name for name in names if _field(name) not in places]
        if asked and missing:
            raise ScanError(f"{shown(self.address)} has no column {missing[0]!r}; it has {', '.join(self._names)}")
        return {name: places[_field(name)] for name in names if _field(name) in places}

    def slots(self, product: Mapping[str, int] | Sequence[str]) -> Iterator[Slot]:
        """The slots, row by row; a cell may hold several addresses."""
        carried = dict(product) if isinstance(product, Mapping) else {}
        group, known = None, dict.fromkeys(carried, "")
        for number, (_, row) in enumerate(islice(self._rows(), 1, None), start=2):
            values = {name: row[at] for name, at in carried.items()}
            if self._group is not None:
                same = row[self._group] == group
                group, known = row[self._group], {k: v or (known[k] if same else "") for k, v in values.items()}
                values = known
            for at in self._pictures:
                for position, value in enumerate(self._split(row[at])[::2]):
                    where = f"row {number} of {shown(self.address)}"
                    yield Slot(value, self._names[at], position, dict(values), where)

    def _split(self, cell: str) -> list[str]:
        """The addresses in a cell, at even places, and what stands between them."""
        if not cell.strip():
            return []
        return [cell.strip()] if self._single else _SEVERAL.split(cell.strip().strip(","))

    def _rows(self) -> Iterator[tuple[str, list[str]]]:
        """The text of each row, the header's first, and its cells, at least as many as columns."""
        with text(self.address) as stream:
            lines = _Remembered(stream)
            for row in cells(lines, self.address, self._delimiter):
                yield lines.take(), row + [""] * (len(self._names) - len(row))

    def rewrite(self, values: _Counted, out: BinaryIO) -> None:
        """The table again; rows in which nothing changes are copied as they are."""
        rows = self._rows()
        head, _ = next(rows, ("", []))
        if _starts_with_mark(self.address):
            out.write(codecs.BOM_UTF8)
        out.write(head.encode())
        end = "\r\n" if head.endswith("\r\n") else "\n"
        for raw, row in rows:
            new = list(row)
            for at in self._pictures:
                pieces = self._split(row[at])
                pieces[::2] = [values.take(old) for old in pieces[::2]]
                if pieces[::2] != self._split(row[at])[::2]:
                    new[at] = "".join(pieces)
            out.write((raw if new == row else self._line(new, end)).encode())

    def _line(self, row: list[str], end: str) -> str:
        line = io.StringIO(newline="")
        csv.writer(CsvText(line, end), delimiter=self._delimiter).writerow(row)
        return line.getvalue()


class _Remembered:
    """Lines that are kept until they are taken: what a CSV reader has used up for one row."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self._used: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._used.append(line)
            yield line

    def take(self) -> str:
        used, self._used[:] = "".join(self._used), []
        return used


def _starts_with_mark(address: str) -> bool:
    with opened(address) as file:
        return file.read(3) == codecs.BOM_UTF8


@dataclass
class _Found:
    """A slot of an XML feed, and where it lies in the feed's bytes."""

    name: str
    value: str
    start: int
    end: int


@dataclass
class _Product:
    """What was read of a product so far."""

    found: list[_Found] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


class _Xml:
    """An RSS or Atom feed with the elements of Google Merchant Center."""

    def __init__(self, address: str) -> None:
        self.address = address

    def carried(self, names: Sequence[str], *, asked: bool) -> dict[str, int]:
        """The elements of these names; which of them a product has is seen product by product."""
        return dict.fromkeys(names, 0)

    def slots(self, product: Mapping[str, int] | Sequence[str]) -> Iterator[Slot]:
        """The slots, product by product."""
        for number, each in enumerate(_Reader(self.address, product), start=1):
            positions: dict[str, int] = {}
            for found in each.found:
                position = positions.setdefault(found.name, 0)
                positions[found.name] += 1
                values = {name: each.texts.get(_field(name)) for name in product}
                where = f"product {number} of {shown(self.address)}"
                yield Slot(found.value, found.name, position, values, where)

    def rewrite(self, values: _Counted, out: BinaryIO) -> None:
        """The feed again, with only the bytes of changed addresses replaced."""
        reader = _Reader(self.address, ())
        with opened(self.address) as old:
            for each in reader:
                for found in each.found:
                    new = values.take(found.value)
                    if new != found.value:
                        _copy(old, out, found.start)
                        out.write(escape(new).encode(reader.encoding, "xmlcharrefreplace"))
                        old.seek(found.end)
            _copy(old, out, None)


def _copy(old: BinaryIO, out: BinaryIO, upto: int | None) -> None:
    while block := old.read(_BLOCK if upto is None else min(_BLOCK, upto - old.tell())):
        out.write(block)


class _Reader:
    """Reads products from XML without holding more than one of them."""

    def __init__(self, address: str, texts: Mapping[str, int] | Sequence[str]) -> None:
        self._address = address
        self._wanted = {_field(name) for name in texts}
        self._done: list[_Product] = []
        self._product: _Product | None = None
        self._name = ""  # the element whose text is being read
        self._pieces: list[str] = []
        self._start: int | None = None
        self._depth = 0
        self.encoding = "utf-8"

    def __iter__(self) -> Iterator[_Product]:
        """A product after the other.

        Raises:
            ScanError: It is no well-formed XML, or declares a document type.
        """
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = self._mark
        parser.XmlDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            with opened(self._address) as file:
                self._look_for_mark(file)
                while block := file.read(_BLOCK):
                    parser.Parse(block, False)
                    yield from self._take()
                parser.Parse(b"", True)
                yield from self._take()
        except expat.ExpatError as error:
            raise ScanError(f"{shown(self._address)} is no well-formed XML: {error}; export it again") from error

    def _take(self) -> Iterator[_Product]:
        done, self._done = self._done, []
        yield from done

    def _look_for_mark(self, file: BinaryIO) -> None:
        marks = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
        self._marked = marks.get(file.read(2))
        self.encoding = self._marked or self.encoding
        file.seek(0)

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = self._marked or encoding or self.encoding

    def _refuse(self, *_: object) -> None:
        # Entities can only be declared in a document type, and neither Google nor RSS asks for one.
        raise ScanError(f"{shown(self._address)} declares a document type, which feeds do without; take it out")

    def _begin(self, name: str, _attributes: object) -> None:
        local = _field(name)
        if self._product is None:
            if local in {"item", "entry"}:
                self._product, self._depth = _Product(), 0
            return
        self._depth += 1
        if self._depth == 1 and (local in PICTURES["google"] or local in self._wanted):
            self._name, self._pieces, self._start = local, [], None

    def _mark(self) -> None:
        if self._name and self._start is None:
            self._start = self._parser.CurrentByteIndex

    def _text(self, text: str) -> None:
        if self._name:
            self._mark()
            self._pieces.append(text)

    def _end(self, _name: str) -> None:
        if self._product is None:
            return
        if self._depth == 0:
            self._done.append(self._product)
            self._product = None
            return
        if self._depth == 1 and self._name:
            self._keep(self._product, "".join(self._pieces).strip())
        self._depth -= 1

    def _keep(self, product: _Product, value: str) -> None:
        if value and self._name in PICTURES["google"] and self._start is not None:
            product.found.append(_Found(self._name, value, self._start, self._parser.CurrentByteIndex))
        elif value:
            product.texts.setdefault(self._name, value)
        self._name = ""
