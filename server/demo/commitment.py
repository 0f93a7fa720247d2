"""The work on what was promised or ordered: an ordinary task, reported on and brought to its end."""

from datetime import datetime, timedelta

from server.demo.scene import Scene
from server.demo.staff import Crew, Member
from server.demo.task_life import TaskLife


def work_on(scene: Scene, crew: Crew, task: TaskLife, until: datetime) -> None:
    """Somebody is put in charge and reports, as far as there is time."""
    hours = scene.hours
    task.wait(until)
    since: datetime = task.row["updated_at"]
    moments = sorted(hours.between(since, until - timedelta(minutes=20)) for _ in range(scene.draw.randint(1, 3)))
    for at in moments:
        today = hours.day_of(at)
        if not task.row["updated_at"] < at < until or hours.working_day(today) != today:
            continue
        worker = _worker(scene, crew, task)
        if task.row["assignee_id"] is None and worker is not crew.head:
            task.assign(crew.acting(today), at, today, worker)
        else:
            progress = min(90, task.row["progress"] + scene.draw.randrange(10, 40, 5))
            task.report(worker.viewer, at, today, progress, scene.phrase("commitment_notes"))


def finish(scene: Scene, crew: Crew, task: TaskLife, at: datetime) -> None:
    """Done a few minutes before that moment, with evidence where it is needed."""
    task.wait(at)
    today = scene.hours.day_of(at)
    worker = _worker(scene, crew, task).viewer
    if (task.needs_evidence() and not task.row["evidence"]) or scene.chance(0.5):
        folder, number = scene.phrase("evidence_folders"), scene.draw.randint(10000, 99999)
        url = f"https://berkas.kolaborasi.example/{folder}/{at.year}/{at.month:02d}/{number}.jpg"
        task.add_evidence(worker, at - timedelta(minutes=6), today, url, scene.phrase("evidence_titles"))
    task.report(worker, at - timedelta(minutes=5), today, 100, None)
    task.complete(worker, at - timedelta(minutes=3), today, scene.phrase("done_notes"))


def _worker(scene: Scene, crew: Crew, task: TaskLife) -> Member:
    own = [member for member in crew.everyone if member.id == task.row["assignee_id"]]
    return own[0] if own else scene.draw.choice(crew.staff or (crew.head,))
