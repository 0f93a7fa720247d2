"""The reports of non-cooperation of a year: one for each state and each kind of decision that a case can have."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.demo.case_life import CaseLife
from server.demo.commitment import finish, work_on
from server.demo.delegations import delegate
from server.demo.places import MONTHS
from server.demo.request_life import Plans, RequestLife, request_collaboration
from server.demo.scene import Scene
from server.demo.task_life import TaskLife
from server.demo.tasks import ordered_priority
from server.rules.collaboration_answer import NewRequest
from server.rules.decision import DISCIPLINARY, AppendixKind, Instruction, NewDecision
from server.rules.escalation_facts import DecisionKind
from server.rules.task import OPEN

# A move, and how many working days after the one before.
Move = tuple[str, int]

FILED_IN_SILENCE: tuple[Move, ...] = (("file", 6),)
FILED_ON_REFUSAL: tuple[Move, ...] = (("decline", 2), ("file", 2))
FILED_ON_BROKEN: tuple[Move, ...] = (("accept", 1), ("file", 10))
# By the names of cases.toml; and how many working days ago the last move was.
STORIES: Mapping[str, tuple[tuple[Move, ...], int]] = {
    "filed": (FILED_IN_SILENCE, 1),
    "replied": ((*FILED_ON_REFUSAL, ("reply", 2)), 2),
    "reply_lapsed": (FILED_IN_SILENCE, 6),
    "mediation": ((*FILED_ON_BROKEN, ("reply", 2), ("mediate", 2)), 1),
    "settled": (
        (
            *(("accept", 2), ("deliver", 6), ("dispute", 2), ("file", 4)),
            *(("reply", 3), ("mediate", 2), ("settle", 5)),
        ),
        12,
    ),
    "instruct": ((*FILED_IN_SILENCE, ("reply", 6), ("decide", 3)), 5),
    "dismiss": ((*FILED_IN_SILENCE, ("accept", 1), ("decide", 1), ("deliver", 2), ("confirm", 3)), 24),
    "guidance": ((*FILED_ON_REFUSAL, ("reply", 2), ("mediate", 2), ("fail", 5), ("decide", 3)), 19),
    "verbal_reprimand": ((*FILED_ON_BROKEN, ("reply", 3), ("decide", 4), ("correct", 2)), 27),
    "written_reprimand": (
        (*FILED_IN_SILENCE, ("decide", 9), ("follow_up", 1), ("complete", 8)),
        15,
    ),
    "dissatisfaction": ((*FILED_ON_REFUSAL, ("reply", 3), ("decide", 4), ("object", 3)), 38),
    "refer": ((*FILED_IN_SILENCE, ("reply", 2), ("decide", 5)), 9),
}
DECISIONS: Mapping[str, DecisionKind] = {
    "instruct": DecisionKind.INSTRUCT,
    "dismiss": DecisionKind.DISMISS,
    "guidance": DecisionKind.GUIDANCE,
    "verbal_reprimand": DecisionKind.VERBAL_REPRIMAND,
    "written_reprimand": DecisionKind.WRITTEN_REPRIMAND,
    "dissatisfaction": DecisionKind.STATEMENT_OF_DISSATISFACTION,
    "refer": DecisionKind.REFER,
}
# After how many working days it is needed: what was promised and not kept was due before the report.
NEEDED_AFTER = {"mediation": 6, "verbal_reprimand": 6, "settled": 9, "dismiss": 10}
LATER = 12
FACTOR = 2  # requests for each case where there are few


@dataclass(slots=True)
class Story:
    """One case with its request, while it is told."""

    name: str
    words: Mapping[str, str]
    request: RequestLife
    case: CaseLife | None = None

    @property
    def filed(self) -> CaseLife:
        assert self.case is not None
        return self.case


class CaseYear:
    """Makes the cases, each with the request of which it tells."""

    def __init__(self, scene: Scene, plans: Plans) -> None:
        self._scene, self._plans = scene, plans

    def tell(self, requests: int) -> Iterator[int]:
        """Makes the cases of so many requests; yields how many are made, after each."""
        for made, name in enumerate([*STORIES][: requests // FACTOR], start=1):
            self._tell(name)
            yield made

    def _tell(self, name: str) -> None:
        scene, hours = self._scene, self._scene.hours
        words = scene.content.cases[name]
        moves, age = STORIES[name]
        made_on = hours.working_day(scene.today, -sum(days for _, days in moves) - age)
        at = hours.on(made_on)
        asker, giver = scene.staff.crews[words["asker"]], scene.staff.crews[words["giver"]]
        needed_on = hours.working_day(made_on, NEEDED_AFTER.get(name, LATER))
        new = NewRequest(title=words["subject"], description=words["detail"], needed_on=needed_on)
        request = request_collaboration(scene, self._plans, asker, [giver], new, at)[0]
        story = Story(name, words, request)
        play: Mapping[str, Callable[[Story, datetime], None]] = {
            "accept": lambda story, at: story.request.accept(at),
            "decline": lambda story, at: story.request.decline(at, story.words["refusal"]),
            "deliver": self._deliver,
            "dispute": lambda story, at: story.request.dispute(at, story.words["dispute"]),
            "confirm": lambda story, at: story.request.confirm(at),
            "file": self._file,
            "reply": lambda story, at: story.filed.reply(at, story.words["reply"]),
            "mediate": self._mediate,
            "settle": lambda story, at: story.filed.conclude_mediation(at, story.words["outcome"], True),
            "fail": lambda story, at: story.filed.conclude_mediation(at, story.words["outcome"], False),
            "decide": self._decide,
            "correct": self._correct,
            "object": self._object,
            "follow_up": self._follow_up,
            "complete": self._complete,
        }
        since, last = at, ""
        for move, days in moves:
            at = hours.later(at, days, days)
            self._remark(story, last, since, at)
            self._meanwhile(story, at)
            play[move](story, at)
            since, last = at, move
        self._remark(story, last, since, scene.now)
        self._meanwhile(story, scene.now)
        request.wait(scene.now)
        story.filed.wait(scene.now)

    def _meanwhile(self, story: Story, until: datetime) -> None:
        """The work on what was promised and ordered, but on what lies still."""
        works: list[TaskLife] = [each.task for each in story.case.following if each.task] if story.case else []
        if story.request.commitment is not None and story.name != "verbal_reprimand":
            works.append(story.request.commitment)
        for task in works:
            if task.status in OPEN:
                work_on(self._scene, story.request.giver, task, until)

    def _remark(self, story: Story, last: str, since: datetime, until: datetime) -> None:
        """What the mayor's office says to itself between this move and the next."""
        if story.words.get("remark_after") == last:
            staff = self._scene.staff
            who = staff.mayor if story.words.get("remark_by") == "MAYOR" else staff.secretary
            story.filed.remark(self._scene.hours.between(since, until), who, story.words["remark"])

    def _deliver(self, story: Story, at: datetime) -> None:
        assert story.request.commitment is not None
        finish(self._scene, story.request.giver, story.request.commitment, at)
        story.request.deliver(at)

    def _file(self, story: Story, at: datetime) -> None:
        story.case = CaseLife(self._scene, self._plans, story.request, at, self._said(story, "statement", at))

    def _mediate(self, story: Story, at: datetime) -> None:
        meeting_at = self._scene.hours.opening(self._scene.hours.later(at, 4, 4).date()) + timedelta(hours=2)
        story.filed.propose_mediation(at, meeting_at, story.words["place"])

    def _decide(self, story: Story, at: datetime) -> None:
        scene, words, kind = self._scene, story.words, DECISIONS[story.name]
        is_delegated = words.get("decider") == "DELEGATE"
        signer = {"MAYOR": scene.staff.mayor, "SECRETARY": scene.staff.secretary}.get(words.get("signer", ""))
        referred_to = words.get("referred_to")
        number = f"800.1.6.3/{scene.draw.randint(100, 999)}/{at.year}"
        story.filed.decide(
            at,
            NewDecision(
                kind=kind,
                facts=self._said(story, "facts", at),
                legal_basis=words.get("basis"),
                signed_by=None if signer is None else signer.name,
                signed_by_office=None if signer is None else signer.facts.title,
                document_number=None if signer is None else number,
                hearing_on=scene.hours.working_day(scene.hours.day_of(at), -1) if kind in DISCIPLINARY else None,
                hearing_number=number.replace("800.1.6.3", "800.1.6.2") if kind in DISCIPLINARY else None,
                instruction=self._instruction(story, at) if kind is DecisionKind.INSTRUCT else None,
                referred_to=None if referred_to is None else scene.staff.crews[referred_to].facts,
            ),
            delegate(scene, scene.hours.day_of(at)) if is_delegated else scene.staff.mayor.viewer,
        )

    def _instruction(self, story: Story, at: datetime) -> Instruction:
        due_on = self._scene.hours.working_day(self._scene.hours.day_of(at), 10)
        scene = self._scene
        return Instruction(
            # As every other order of the year: nothing of it says that it comes from a case.
            title=scene.phrase("order_titles").format(title=story.words["instruction"]),
            due_on=due_on,
            description=story.words["instruction_detail"],
            priority=ordered_priority(scene),
        )

    def _correct(self, story: Story, at: datetime) -> None:
        story.filed.append(at, self._scene.staff.secretary, AppendixKind.CORRECTION, story.words["appendix"])

    def _object(self, story: Story, at: datetime) -> None:
        story.filed.append(at, story.request.giver.head, AppendixKind.OBJECTION, story.words["objection"])

    def _follow_up(self, story: Story, at: datetime) -> None:
        story.filed.add_follow_up(at, story.words["follow_up"], self._instruction(story, at))

    def _complete(self, story: Story, at: datetime) -> None:
        for following in story.filed.following:
            assert following.task is not None
            finish(self._scene, story.request.giver, following.task, at)
            story.filed.task_was_completed(following)

    def _said(self, story: Story, key: str, at: datetime) -> str:
        """With the days that it speaks of."""
        request, case = story.request.row, story.case.row if story.case else {}
        moments = {
            "asked": request["created_at"],
            "due": request["answer_due_at"],
            "filed": case.get("filed_at") or at,
            "reply_due": case.get("reply_due_at") or at,
            "replied": case.get("replied_at") or at,
        }
        return story.words[key].format(**{name: _day(self._scene.hours.day_of(m)) for name, m in moments.items()})


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
