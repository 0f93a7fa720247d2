"""The requests of a year: who asks whom for what, what becomes of it, and the work that is promised by it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import attrgetter
from uuid import UUID

from server.city import ListedOrganisation
from server.demo.cases import CaseYear
from server.demo.commitment import finish, work_on
from server.demo.content import Field
from server.demo.fates import FATES, JOINT, JOINT_MOVES, OFFERS, Fate, Move
from server.demo.plans import BUSY_UNTIL_MAY, Planned
from server.demo.request_life import RequestLife, offer_help, request_collaboration
from server.demo.scene import Scene, shares
from server.demo.staff import Crew
from server.demo.target_life import TargetLife
from server.demo.tasks import LOOKS_BACK, Served
from server.rules.collaboration_answer import NewRequest, Subject
from server.rules.task import OPEN
from server.rules.workdays import end_of_day

# How often one of the askers of a field asks; agencies as often as one lurah.
ASKERS = {"KECAMATAN": 5.0, "KELURAHAN": 1.0}
BUSY_GIVERS = ("DLH", "DSDABMBK", "DINKES", "KECAMATAN")


@dataclass(frozen=True, slots=True)
class Matter:
    """What one request is about: its field, the sides, where it lies, and the days on which its moves fall."""

    field: Field
    asker: Crew
    giver: Crew
    within: ListedOrganisation
    made_on: date
    gaps: Sequence[int]  # working days before each move
    needed_on: date
    promised_on: date  # what is promised in the end

    @property
    def other_day(self) -> date:
        """Another day than the one asked for, if another is promised."""
        return self.promised_on if self.promised_on > self.needed_on else self.needed_on + timedelta(days=7)


class RequestYear:
    """Makes the requests, one after the other; the cases are told of the first ones."""

    def __init__(
        self, scene: Scene, planned: Sequence[Planned], tasks: Mapping[tuple[UUID, UUID], Sequence[Served]]
    ) -> None:
        """`tasks`: those of which a request may speak, by organisation and programme."""
        self._scene, self._tasks = scene, tasks
        self._plans = {(each.life.crew.id, each.life.year): each.life for each in planned}
        self._targets: dict[tuple[UUID, UUID], list[TargetLife]] = {}
        for each in planned:
            for target, _ in each.targets:
                programme_id = target.row["programme_id"]
                self._targets.setdefault((each.life.crew.id, programme_id), []).append(target)
        self._crews: dict[str, list[Crew]] = {}
        for code, crew in scene.staff.crews.items():
            self._crews.setdefault(code, []).append(crew)
            self._crews.setdefault(crew.listed.kind, []).append(crew)
        self._question = ("", "")  # asked last, and its answer
        self._uses: Counter[str] = Counter()
        self._subjects: set[str] = set()
        days = scene.hours.days
        first = max(days[8], scene.today - LOOKS_BACK)
        if scene.today.month > BUSY_UNTIL_MAY:
            first = max(first, date(scene.today.year, 1, 8))
        self._days = bisect_left(days, scene.today) - bisect_left(days, first)

    def tell(self) -> Iterator[int]:
        """Makes all requests; yields how many are made, after each."""
        total, made = self._scene.scale.requests, 0
        for _ in CaseYear(self._scene, self._plans).tell(total):
            made += 1
            yield made
        left = total - made
        joint = round(left * JOINT)
        offers = round((left - joint) * OFFERS)
        for fate, count in self._fates(left - joint - offers, attrgetter("needs")):
            for _ in range(count):
                self._need(fate)
                made += 1
                yield made
        for fate, count in self._fates(offers, attrgetter("offers")):
            for _ in range(count):
                self._offer(fate)
                made += 1
                yield made
        while made < total:
            for _ in range(self._joint(total - made)):
                made += 1
                yield made

    @staticmethod
    def _fates(count: int, weight: Callable[[Fate], float]) -> Iterator[tuple[Fate, int]]:
        fates = [fate for fate in FATES.values() if weight(fate)]
        yield from zip(fates, shares(count, [weight(fate) for fate in fates]), strict=True)

    # ---- made -------------------------------------------------------------------------------------------------------

    def _need(self, fate: Fate) -> None:
        scene = self._scene
        field = self._field([each for each in scene.content.fields if each.mistaken or not fate.is_mistaken])
        matter = self._matter(field, fate)
        asked = scene.staff.crews[field.mistaken or ""] if fate.is_mistaken else matter.giver
        at = scene.hours.on(matter.made_on)
        new = self._new(matter, field.needs, fate, at, (matter.asker,) if fate.is_mistaken else (matter.asker, asked))
        life = request_collaboration(scene, self._plans, matter.asker, [asked], new, at)[0]
        self._play(life, matter, fate.moves, at)

    def _offer(self, fate: Fate) -> None:
        scene = self._scene
        field = self._field([each for each in scene.content.fields if each.offers])
        phrases = scene.content.phrases
        offered = replace(
            field,
            details=tuple(phrases["offer_details"]),
            terms=tuple(phrases["offer_terms"]),
            refusals=tuple(phrases["offer_refusals"]),
        )
        matter = self._matter(offered, fate)
        at = scene.hours.on(matter.made_on)
        new = self._new(matter, field.offers, fate, at, (matter.giver, matter.asker))
        life = offer_help(scene, self._plans, matter.giver, matter.asker, new, at)
        self._play(life, matter, fate.moves, at)

    def _joint(self, most: int) -> int:
        """One matter of which several are asked; returns how many."""
        scene, draw = self._scene, self._scene.draw
        fate = Fate((("accept", 3, 3), ("deliver", 7, 7)), (-6, 90), 0)  # for the days alone: some are under way
        matter = self._matter(draw.choice(scene.content.joint), fate)
        at = scene.hours.on(matter.made_on)
        codes = [code for code in matter.field.givers if code != matter.asker.listed.code]
        givers = [scene.staff.crews[code] for code in codes[: min(most, draw.randint(3, 4))]]
        new = self._new(matter, matter.field.needs, fate, at, (matter.asker,))
        for life in request_collaboration(scene, self._plans, matter.asker, givers, new, at):
            field = next(each for each in scene.content.fields if each.givers == (life.giver.listed.code,))
            moves = scene.one_of(JOINT_MOVES)
            gaps = [draw.randint(fewest, most) for _, fewest, most in moves]
            own = Matter(
                field,
                life.asker,
                life.giver,
                matter.within,
                matter.made_on,
                gaps,
                new.needed_on or at.date(),
                at.date(),
            )
            self._play(life, own, moves, at)
        return len(givers)

    def _field(self, fields: Sequence[Field]) -> Field:
        weights = [3.0 if field.givers[0] in BUSY_GIVERS else 1.0 for field in fields]
        return self._scene.draw.choices(fields, weights)[0]

    def _matter(self, field: Field, fate: Fate) -> Matter:
        scene, draw, hours = self._scene, self._scene.draw, self._scene.hours
        asker, giver = self._sides(field)
        crews = [crew for crew in (asker, giver) if scene.territory(crew) is not None]
        within = crews[0].listed if crews else draw.choice(self._crews["KECAMATAN"]).listed
        gaps = [draw.randint(fewest, most) for _, fewest, most in fate.moves]
        age = draw.randint(*fate.age)
        if sum(gaps) + age > self._days:
            age = min(age, draw.randint(0, max(0, self._days - sum(gaps))))
        made_on = hours.working_day(scene.today, -max(1, sum(gaps) + age))
        needed_on, promised_on = self._dates(fate, gaps, made_on)
        return Matter(field, asker, giver, within, made_on, gaps, needed_on, promised_on)

    def _sides(self, field: Field) -> tuple[Crew, Crew]:
        draw = self._scene.draw
        named = draw.choices(field.askers, [ASKERS.get(each, 1.0) for each in field.askers])[0]
        asker = draw.choice(self._crews[named])
        givers = [crew for crew in self._crews[field.givers[0]] if crew is not asker]
        return asker, draw.choice(givers or self._crews[field.givers[1]])

    def _dates(self, fate: Fate, gaps: Sequence[int], made_on: date) -> tuple[date, date]:
        """By when it is asked for, and for when it is promised in the end."""
        scene, draw, hours = self._scene, self._scene.draw, self._scene.hours
        names = [name for name, *_ in fate.moves]
        new_year = date(scene.today.year, 1, 8)
        ends = [n for n, name in enumerate(names, 1) if name in ("deliver", "finish")]
        if ends:
            last = ends[-1]
            promised_on = hours.working_day(made_on, sum(gaps[:last]) + draw.randint(0, 4))
        elif fate.is_late:
            promised_on = max(hours.working_day(made_on, sum(gaps) + draw.randint(2, 6)), new_year)
        elif any(name.startswith("accept") for name in names):
            promised_on = max(hours.working_day(scene.today, draw.randint(2, 18)), new_year)
        else:
            promised_on = hours.working_day(made_on, sum(gaps) + draw.randint(6, 18))
        if "accept_counter" not in names:
            return promised_on, promised_on
        return hours.working_day(made_on, gaps[0] + draw.randint(0, 3)), promised_on

    def _new(
        self, matter: Matter, patterns: Sequence[str], fate: Fate, at: datetime, sides: Sequence[Crew]
    ) -> NewRequest:
        scene, draw = self._scene, self._scene.draw
        day = matter.needed_on
        subject = self._subject(matter, patterns)
        due_at = None
        if fate.is_patient:
            due_at = end_of_day(scene.hours.working_day(matter.made_on, draw.randint(8, 14)), scene.city.calendar)
        return NewRequest(
            title=subject,
            description=self._fill(draw.choice(matter.field.details), matter, day) if scene.chance(0.85) else None,
            needed_on=day,
            answer_due_at=due_at,
            about=self._about(matter, sides, at) if scene.chance(0.45) else None,
        )

    def _subject(self, matter: Matter, patterns: Sequence[str]) -> str:
        """One that was not used yet, as far as the places and numbers of those that were used least allow."""
        fewest = min(self._uses[pattern] for pattern in patterns)
        pattern = self._scene.draw.choice([each for each in patterns if self._uses[each] == fewest])
        self._uses[pattern] += 1
        subject = self._fill(pattern, matter, matter.needed_on)
        for _ in range(20):
            if subject not in self._subjects or self._scene.scale.max_title_uses is None:
                break
            subject = self._fill(pattern, matter, matter.needed_on)
        self._subjects.add(subject)
        return subject

    def _about(self, matter: Matter, sides: Sequence[Crew], at: datetime) -> Subject | None:
        """An open task or a target of one side's that the matter serves and that everybody sees by then."""
        programme_id = self._scene.programme_ids[matter.field.programme]
        for crew in sides if self._scene.chance(0.4) else ():
            for task in self._tasks.get((crew.id, programme_id), ()):
                if task.since < at < task.until:
                    return Subject(organisation_id=crew.id, task_id=task.id)
        for crew in sides:
            for target in self._targets.get((crew.id, programme_id), ()):
                submitted = target.plan.submitted
                if submitted is not None and submitted[0] < at and target.plan.year == matter.made_on.year:
                    return Subject(organisation_id=crew.id, target_id=target.row["id"])
        return None

    def _fill(self, pattern: str, matter: Matter, day: date) -> str:
        return self._scene.places.fill(pattern, self._scene.draw, day, matter.within).text

    # ---- what becomes of it -----------------------------------------------------------------------------------------

    def _play(self, life: RequestLife, matter: Matter, moves: Sequence[Move], at: datetime) -> None:
        """Every move that has happened by now; between them the work goes on and people talk."""
        scene, hours = self._scene, self._scene.hours
        play: Mapping[str, Callable[[RequestLife, Matter, datetime], None]] = {
            "accept": lambda life, matter, at: life.accept(at),
            "decline": self._decline,
            "counter": self._counter,
            "accept_counter": lambda life, matter, at: life.accept_counter(at),
            "refuse_counter": lambda life, matter, at: life.refuse_counter(at),
            "redirect": self._redirect,
            "redirect_on": self._redirect_on,
            "object": lambda life, matter, at: life.object_to_redirect(at, scene.phrase("redirect_objections")),
            "assign": self._assign,
            "ask": self._ask,
            "tell": self._tell,
            "propose": self._propose,
            "agree": lambda life, matter, at: life.agree_new_date(at),
            "refuse_date": lambda life, matter, at: life.refuse_new_date(at),
            "finish": self._finish,
            "deliver": self._deliver,
            "confirm": lambda life, matter, at: life.confirm(at),
            "dispute": self._dispute,
            "resume": lambda life, matter, at: life.resume(at),
            "withdraw": self._withdraw,
        }
        for (name, *_), gap in zip(moves, matter.gaps, strict=True):
            at = hours.later(at, gap, gap)
            if not scene.has_happened(at):
                break
            self._meanwhile(life, at)
            play[name](life, matter, at)
        self._meanwhile(life, scene.now)
        life.wait(scene.now)

    def _meanwhile(self, life: RequestLife, until: datetime) -> None:
        """Until the next move, or until now."""
        scene, hours = self._scene, self._scene.hours
        if life.commitment is not None and life.commitment.is_commitment and life.commitment.status in OPEN:
            work_on(scene, life.giver, life.commitment, until)
        if not scene.chance(0.22):
            return
        since: datetime = life.row["updated_at"]
        at = hours.between(since, min(until, since + timedelta(days=12)))
        if not since < at < until or hours.working_day(hours.day_of(at)) != hours.day_of(at):
            return
        who, kind = scene.one_of(
            {(life.asker, "messages_of_asker"): 0.45, (life.giver, "messages_of_giver"): 0.5, (None, ""): 0.05}
        )
        if who is None:
            life.post_message(at, scene.staff.secretary.viewer, scene.phrase("messages_of_office"))
        else:
            head, staff = who.acting(hours.day_of(at)), [member.viewer for member in who.staff]
            life.post_message(at, scene.draw.choice([head, *staff]), scene.phrase(kind))

    def _decline(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        life.decline(at, self._fill(self._scene.draw.choice(matter.field.refusals), matter, matter.made_on))

    def _counter(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        terms = self._scene.draw.choice(matter.field.terms)
        life.counter(at, terms, max(matter.other_day, self._scene.hours.day_of(at)))

    def _redirect(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        life.redirect(at, matter.giver, self._phrase_of("redirect_reasons", matter.giver))

    def _redirect_on(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        """Back to whoever was asked first, or to a third."""
        codes = (matter.field.mistaken or "", "SETDA-ADBANG")
        to = self._scene.staff.crews[self._scene.draw.choice(codes)]
        life.redirect(at, to, self._phrase_of("second_redirect_reasons", to))

    def _assign(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        life.assign(at, matter.giver, self._phrase_of("ruling_reasons", matter.giver))

    def _phrase_of(self, kind: str, crew: Crew) -> str:
        return self._scene.phrase(kind).format(office=crew.facts.name)

    def _ask(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        question, said = self._scene.draw.choice(matter.field.questions)
        self._question = self._fill(question, matter, matter.made_on), self._fill(said, matter, matter.made_on)
        life.ask_for_information(at, self._question[0])

    def _tell(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        life.answer_question(at, self._question[1])

    def _propose(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        new_due_on = self._scene.hours.working_day(matter.promised_on, self._scene.draw.randint(4, 9))
        life.propose_new_date(at, new_due_on, self._scene.phrase("new_date_reasons"))

    def _finish(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        assert life.commitment is not None
        life.wait(at - timedelta(minutes=10))  # what is done reminds of nothing
        finish(self._scene, life.giver, life.commitment, at)

    def _deliver(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        self._finish(life, matter, at)
        life.deliver(at)

    def _dispute(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        life.dispute(at, self._fill(self._scene.draw.choice(matter.field.disputes), matter, matter.made_on))

    def _withdraw(self, life: RequestLife, matter: Matter, at: datetime) -> None:
        """What was begun for it the giver then lays aside."""
        scene, task = self._scene, life.commitment
        life.withdraw(at)
        if task is not None:
            at = scene.hours.later(at, 1, 2)
            if scene.has_happened(at):
                today = scene.hours.day_of(at)
                task.cancel(life.giver.acting(today), at, today, scene.phrase("cancel_reasons"))
