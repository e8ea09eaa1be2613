"""The demonstration's own pictures, 1600 × 900: no photographs, so that nobody's rights are touched."""

from pathlib import Path

from cms.demo.canvas import AMBER, HEIGHT, KAPOK, LEAF, PAPER, SEA, SOFT, WASH, WIDTH, Canvas, tint

COATS = (tint(SEA, 0.75), tint(KAPOK, 0.75), tint(LEAF, 0.75), tint(AMBER, 0.7))


def write_illustration(path: Path, scene: str) -> None:
    """Write the scene as PNG: night-school, ledger, reading, station or shelf. Raises KeyError for others."""
    SCENES[scene](path)


def night_school(path: Path) -> None:
    """社区夜校的教室里，几位女工围着长桌学做账"""
    sheet = Canvas(tint(SEA, 0.2))
    sheet.box(0, 640, WIDTH, HEIGHT, tint(AMBER, 0.28))
    _night_window(sheet, 120, 130)
    _whiteboard(sheet)
    _window_light(sheet)
    for place, coat in zip((330, 610, 890, 1170), COATS, strict=True):
        sheet.person(place, 720, 330, coat)
    sheet.box(160, 690, 1440, 740, tint(AMBER, 0.85), 10)
    sheet.box(220, 740, 260, 860, tint(AMBER, 0.7))
    sheet.box(1340, 740, 1380, 860, tint(AMBER, 0.7))
    for place in (330, 610, 890, 1170):
        sheet.shape(PAPER, (place - 70, 688), (place - 52, 656), (place + 56, 656), (place + 74, 688))
        sheet.stroke(tint(SOFT, 0.5), 3, (place - 40, 670), (place + 40, 670))
    sheet.save(path)


def ledger(path: Path) -> None:
    """窗边的桌子上放着一本写满字的账本和一杯热茶"""
    sheet = Canvas(tint(LEAF, 0.14))
    sheet.box(240, 90, 1020, 560, PAPER, 8)
    sheet.box(262, 112, 998, 538, tint(SEA, 0.22))
    sheet.half_disc(460, 538, 190, tint(LEAF, 0.35))
    sheet.half_disc(800, 538, 196, tint(LEAF, 0.5))
    sheet.disc(850, 210, 52, tint(AMBER, 0.45))
    sheet.box(618, 112, 642, 538, PAPER)
    sheet.box(0, 600, WIDTH, HEIGHT, tint(AMBER, 0.5))
    sheet.box(0, 600, WIDTH, 618, tint(AMBER, 0.65))
    _open_book(sheet, 640, 800)
    _tea(sheet, 1220, 770)
    sheet.plant(1420, 616, 250)
    sheet.save(path)


def reading(path: Path) -> None:
    """木棉树下，大人和孩子坐在草地上读书"""
    sheet = Canvas(tint(SEA, 0.16))
    sheet.disc(1330, 170, 80, tint(AMBER, 0.4))
    sheet.half_disc(300, 700, 420, tint(LEAF, 0.28))
    sheet.half_disc(1300, 700, 520, tint(LEAF, 0.22))
    sheet.box(0, 660, WIDTH, HEIGHT, tint(LEAF, 0.42))
    _kapok_tree(sheet, 520, 720)
    for place, height, coat in (
        (820, 300, COATS[0]),
        (1000, 200, COATS[1]),
        (1200, 290, COATS[2]),
        (1370, 190, COATS[3]),
    ):
        sheet.person(place, 780, height, coat)
    for place in (910, 1290):
        sheet.shape(
            PAPER,
            (place - 78, 742),
            (place, 762),
            (place + 78, 742),
            (place + 78, 800),
            (place, 820),
            (place - 78, 800),
        )
        sheet.stroke(tint(SOFT, 0.6), 3, (place, 762), (place, 820))
    for x, y in ((180, 800), (330, 850), (640, 840), (1500, 830), (760, 870)):
        sheet.disc(x, y, 13, tint(KAPOK, 0.8))
    sheet.save(path)


def station(path: Path) -> None:
    """社区服务驿站亮着灯，门口的长椅上坐着来咨询的人"""
    sheet = Canvas(tint(SEA, 0.18))
    sheet.half_disc(180, 720, 260, tint(LEAF, 0.3))
    sheet.half_disc(1480, 720, 340, tint(LEAF, 0.24))
    sheet.box(0, 720, WIDTH, HEIGHT, tint(SOFT, 0.22))
    sheet.box(330, 290, 1270, 740, WASH, 6)
    sheet.shape(tint(KAPOK, 0.85), (270, 300), (400, 170), (1200, 170), (1330, 300))
    sheet.box(720, 420, 900, 740, tint(AMBER, 0.35), 6)
    sheet.box(736, 436, 884, 740, tint(AMBER, 0.15))
    sheet.disc(862, 590, 9, AMBER)
    for left in (400, 970):
        sheet.box(left, 400, left + 240, 590, PAPER, 6)
        sheet.box(left + 12, 412, left + 228, 578, tint(AMBER, 0.25))
        sheet.box(left + 114, 400, left + 126, 590, PAPER)
    sheet.box(640, 318, 980, 388, PAPER, 8)
    for place in range(6):
        sheet.box(672 + place * 48, 338, 702 + place * 48, 368, tint(KAPOK, 0.75), 4)
    sheet.person(1090, 780, 270, COATS[0])
    sheet.person(1240, 780, 250, COATS[2])
    sheet.box(980, 760, 1360, 784, tint(AMBER, 0.8), 6)
    sheet.box(1010, 784, 1030, 850, tint(AMBER, 0.65))
    sheet.box(1310, 784, 1330, 850, tint(AMBER, 0.65))
    sheet.plant(600, 780, 170)
    sheet.plant(370, 780, 210)
    sheet.save(path)


def shelf(path: Path) -> None:
    """服务驿站的资料架，一位工作人员正在为来访者取求职手册"""
    sheet = Canvas(WASH)
    sheet.box(0, 740, WIDTH, HEIGHT, tint(AMBER, 0.3))
    sheet.box(140, 130, 860, 750, tint(AMBER, 0.75), 8)
    colours = (SEA, KAPOK, LEAF, AMBER, SOFT)
    for row, top in enumerate((160, 355, 550)):
        sheet.box(165, top, 835, top + 170, tint(AMBER, 0.3))
        for place in range(9):
            height = 110 + (place * 37 + row * 23) % 45
            left = 190 + place * 70
            sheet.box(
                left, top + 170 - height, left + 46, top + 170, tint(colours[(place + row) % 5], 0.7), 4
            )
    sheet.person(1050, 780, 420, COATS[2])
    sheet.person(1330, 780, 400, COATS[1])
    sheet.box(900, 640, 1500, 690, tint(AMBER, 0.85), 8)
    sheet.box(925, 690, 1475, 800, tint(AMBER, 0.6))
    sheet.shape(PAPER, (1120, 636), (1150, 592), (1260, 592), (1240, 636))
    sheet.stroke(tint(KAPOK, 0.8), 5, (1158, 612), (1228, 612))
    sheet.save(path)


def _night_window(sheet: Canvas, left: int, top: int) -> None:
    sheet.box(left, top, left + 330, top + 330, PAPER, 8)
    sheet.box(left + 16, top + 16, left + 314, top + 314, tint(SEA, 0.9))
    sheet.disc(left + 235, top + 90, 34, tint(AMBER, 0.25))
    for x, y in ((60, 70), (120, 140), (80, 220), (180, 60), (200, 190)):
        sheet.disc(left + x, top + y, 4, PAPER)
    sheet.box(left + 158, top, left + 172, top + 330, PAPER)


def _whiteboard(sheet: Canvas) -> None:
    sheet.box(560, 110, 1440, 400, PAPER, 8)
    sheet.box(560, 390, 1440, 404, tint(SOFT, 0.4))
    for row, width in enumerate((320, 440, 260)):
        y = 180 + row * 70
        sheet.stroke(tint(SEA, 0.8), 8, (620, y), (620 + width, y))
    for column, height in enumerate((60, 110, 90, 150)):
        left = 1150 + column * 62
        sheet.box(left, 350 - height, left + 40, 350, tint((KAPOK, AMBER, SEA, LEAF)[column], 0.6), 4)


def _window_light(sheet: Canvas) -> None:
    sheet.stroke(tint(SOFT, 0.8), 6, (800, 0), (800, 40))
    sheet.half_disc(800, 84, 60, tint(AMBER, 0.8))
    sheet.oval(770, 74, 830, 100, tint(AMBER, 0.2))


def _open_book(sheet: Canvas, x: int, y: int) -> None:
    sheet.shape(
        tint(KAPOK, 0.7), (x - 390, y + 20), (x - 330, y - 150), (x + 330, y - 150), (x + 390, y + 20)
    )
    sheet.shape(PAPER, (x - 365, y + 5), (x - 312, y - 150), (x, y - 130), (x, y + 25))
    sheet.shape(tint(AMBER, 0.06), (x + 365, y + 5), (x + 312, y - 150), (x, y - 130), (x, y + 25))
    for row in range(5):
        top = y - 122 + row * 27
        lean = row * 9
        sheet.stroke(tint(SOFT, 0.55), 4, (x - 285 - lean, top), (x - 40, top + 14))
        sheet.stroke(tint(SOFT, 0.55), 4, (x + 40, top + 14), (x + 285 + lean, top))
    sheet.stroke(tint(SEA, 0.9), 10, (x + 150, y - 20), (x + 330, y - 190))


def _tea(sheet: Canvas, x: int, y: int) -> None:
    sheet.oval(x - 150, y - 10, x + 150, y + 44, tint(SOFT, 0.25))
    sheet.box(x - 90, y - 130, x + 90, y + 16, PAPER, 30)
    sheet.bow(x + 55, y - 105, x + 145, y - 15, 270, 90, PAPER, 18)
    sheet.oval(x - 90, y - 152, x + 90, y - 108, tint(AMBER, 0.7))
    for shift in (-34, 8, 48):
        sheet.bow(x + shift - 20, y - 260, x + shift + 20, y - 210, 90, 270, tint(SOFT, 0.25), 6)
        sheet.bow(x + shift - 20, y - 212, x + shift + 20, y - 162, 270, 90, tint(SOFT, 0.25), 6)


def _kapok_tree(sheet: Canvas, x: int, ground: int) -> None:
    sheet.shape(tint(SOFT, 0.85), (x - 46, ground), (x - 22, 250), (x + 22, 250), (x + 50, ground))
    flowers = []
    for reach, rise in ((-330, 330), (-230, 210), (-110, 120), (120, 110), (240, 190), (340, 320)):
        sheet.stroke(tint(SOFT, 0.85), 16, (x, rise + 190), (x + reach * 0.5, rise + 70), (x + reach, rise))
        flowers += [(x + reach, rise), (x + reach * 0.75, rise + 36), (x + reach * 0.45, rise + 76)]
    for at, (left, top) in enumerate(flowers):
        radius = 40 if at % 3 == 0 else 30
        sheet.disc(left, top, radius, tint(KAPOK, 0.85))
        sheet.disc(left, top, radius * 0.4, tint(AMBER, 0.5))
    sheet.disc(x, 236, 40, tint(KAPOK, 0.85))
    sheet.disc(x, 236, 16, tint(AMBER, 0.5))


SCENES = {
    "night-school": night_school,
    "ledger": ledger,
    "reading": reading,
    "station": station,
    "shelf": shelf,
}
