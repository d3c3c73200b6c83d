from __future__ import annotations

import copy

from connector.standin.timeline import packaged
from connector.standin.world import State, World
from tests.standin.client import local


def at(moment: str) -> State:
    return World(*packaged()).at(local(moment))


def test_an_event_counts_from_its_very_instant() -> None:
    before, after = at("2021-12-20 08:41:59"), at("2021-12-20 08:42:00")
    assert (len(before.documents), len(after.documents)) == (0, 1)


def test_moving_forward_in_steps_and_back_gives_the_state_of_a_direct_jump() -> None:
    world = World(*packaged())
    steps = [local(f"2022-02-{day:02} 23:30") for day in range(1, 29)]
    states = [copy.deepcopy(world.at(moment)) for moment in steps]
    assert states[13] == World(*packaged()).at(steps[13])
    assert world.at(steps[5]) == states[5]
    assert world.at(steps[27]) == states[27]


def test_a_two_step_task_starts_with_the_first_work_on_it() -> None:
    task = at("2021-12-20 12:00").task("90479")
    assert task is not None
    assert task.label == "Chưa thực hiện"
    task = at("2021-12-21 15:00").task("90479")
    assert task is not None
    assert (task.label, task.lines[0].label) == ("Đang thực hiện", "Đang thực hiện")


def test_a_returned_task_is_open_and_then_done_again() -> None:
    labels = []
    for moment in ("2022-02-14 15:55", "2022-02-14 15:56", "2022-02-15 14:48", "2022-02-18 11:26"):
        task = at(moment).task("90048")
        assert task is not None
        labels.append(task.label)
    assert labels == ["Đang thực hiện", "Đã hoàn thành", "Trả lại", "Đã hoàn thành"]


def test_the_lead_line_moves_and_takes_the_place_of_a_co_operating_one() -> None:
    before, after = at("2022-02-14 09:25").task("90121"), at("2022-02-14 09:26").task("90121")
    assert before is not None
    assert after is not None
    assert [(line.name, line.role) for line in before.lines] == [("Sở Tư pháp", "Xử lý chính"), ("Sở Y tế", "Phối hợp")]
    assert [(line.name, line.role) for line in after.lines] == [("Sở Y tế", "Xử lý chính")]


def test_the_due_date_changes_only_when_the_extension_is_approved() -> None:
    asked, agreed = at("2022-02-11 08:18").task("90035"), at("2022-02-11 17:40").task("90035")
    assert asked is not None
    assert agreed is not None
    assert str(asked.due) < str(agreed.due) == "2022-02-18"
    assert [row.content for row in agreed.flow if row.content][-2:] == [
        "Đề nghị gia hạn đến 18/02/2022, lý do: cần thêm thời gian lấy ý kiến",
        "Đồng ý gia hạn đến 18/02/2022",
    ]


def test_an_answer_waits_until_its_task_is_done() -> None:
    waiting, finished = at("2022-02-07 10:57").document("450169"), at("2022-02-07 11:00").document("450169")
    assert waiting is not None
    assert finished is not None
    assert (waiting.kho, finished.kho) == ("DEN_CHO_XU_LY", "DEN_DA_XU_LY")
