import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scenegen.studio import uploads as module
from scenegen.studio.gate import Gate
from scenegen.studio.uploads import Uploads, portable_name
from tests.studio.door import StandIn, ask, gate_before, head_of


def jpeg(size: tuple[int, int] = (96, 72)) -> bytes:
    data = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(data, "JPEG")
    return data.getvalue()


def eps() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (96, 72)).save(data, "EPS")
    return data.getvalue()


@dataclass
class Page:
    gate: Gate
    folder: Path
    counts: list[int] = field(default_factory=list)

    def put(self, name: str, data: bytes, **headers: str) -> tuple[int, dict[str, str]]:
        line = f"PUT /photos/{quote(name, safe='')} HTTP/1.1"
        sent = head_of(self.gate, line, **{"Content_Length": str(len(data)), **headers})
        status, _, body = ask(self.gate, sent + data)
        return status, json.loads(body)

    def kept(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    stand_in, folder = StandIn(), tmp_path / "deep" / "photos"
    counts: list[int] = []
    with gate_before(stand_in, routes=Uploads(folder, counts.append).routes) as gate:
        yield Page(gate, folder, counts)
    stand_in.close()


def test_a_photo_is_kept_as_it_is(page: Page) -> None:
    data = jpeg()
    assert page.put("a b.jpg", data) == (200, {"name": "a b.jpg"})
    assert (page.folder / "a b.jpg").read_bytes() == data
    assert page.counts == [1]


def test_what_is_there_already_stays(page: Page) -> None:
    for number in range(3):
        assert page.put("A.jpg" if number else "a.jpg", jpeg((96 + number, 72)))[0] == 200
    assert page.kept() == ["A_2.jpg", "A_3.jpg", "a.jpg"]
    assert (page.folder / "a.jpg").read_bytes() == jpeg()
    assert page.counts == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.jpg", b"", "the file is empty"),
        ("a.jpg", b"<svg onload=alert(1)>", "not an image of a known format"),
        ("a.jpg", eps(), "not an image of a known format"),
        ("a.jpg", jpeg()[:600], "damaged or cut short"),
        ("a.jpg", jpeg((8, 8)), "only 8x8 pixels"),
        ("a.html", jpeg(), "expected a photo"),
        ("a", jpeg(), "a name without an ending"),
    ],
)
def test_what_is_no_photo_is_refused_in_words(page: Page, name: str, data: bytes, why: str) -> None:
    status, answer = page.put(name, data)
    assert status == 415
    assert why in answer["why"]
    assert page.kept() == []
    assert page.counts == []


def test_limits_hold_before_anything_is_read(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    status, answer = page.put("a.jpg", b"", Content_Length="80000001")
    assert (status, answer["why"]) == (413, "the file has 80 MB, the limit is 80 MB")
    assert page.put("a.jpg", jpeg())[0] == 200
    monkeypatch.setattr(module, "MOST_PHOTOS", 1)
    status, answer = page.put("b.jpg", jpeg())
    assert (status, answer["why"]) == (507, "there are 1 photos already, which is the limit")
    assert page.kept() == ["a.jpg"]


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "..\\a.jpg", "x/../../a.jpg"])
def test_no_name_leads_out_of_the_folder(page: Page, name: str) -> None:
    assert page.put(name, jpeg())[0] == 200
    beside = [file.name for file in page.folder.parent.iterdir()]
    assert beside == ["photos"]
    assert len(page.kept()) == 1


@given(stem=st.text(max_size=200))
def test_every_name_becomes_one_of_a_plain_file(stem: str) -> None:
    name = portable_name(stem + ".jpg")
    assert name.endswith(".jpg")
    assert len(name.encode()) <= 130
    assert not name.startswith(".")
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert Path("folder", name).parent == Path("folder")
