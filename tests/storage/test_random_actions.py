"""Any sequence of actions by two people, against a model that keeps everything in dictionaries."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from senti_studio.domain.comments import CommentFilter, NewComment, SourceDraft
from senti_studio.storage.project import Project

PEOPLE = st.sampled_from(["小王", "小李"])
IDS = st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True)
LABELS = st.sampled_from([None, 1, 2, 3])


class Actions(RuleBasedStateMachine):
    """Six comments, of which the first two came with label 1."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.project = Project.create(Path(self.place.name) / "动作.senti")
        source = self.project.sources.begin(SourceDraft("a.csv", "/a.csv", ("评论",), 0))
        rows = [NewComment(i, f"第 {i} 条", label_id=1 if i <= 2 else None) for i in range(1, 7)]
        self.project.sources.append(source, rows)
        self.project.sources.finish(source)
        self.own: dict[tuple[str, int], int | None] = {}
        self.flags: set[int] = set()
        self.skips: set[int] = set()

    def teardown(self) -> None:
        self.project.close()
        self.place.cleanup()

    @rule(who=PEOPLE, ids=IDS, label=LABELS)
    def label(self, who: str, ids: list[int], label: int | None) -> None:
        shown = {comment_id: self.project.comments.get(comment_id).label_id for comment_id in ids}
        self.project.annotations.label(ids, label, annotator=who).result()
        for comment_id in ids:
            if label is not None:
                self.own[who, comment_id] = label
                self.skips.discard(comment_id)
            elif comment_id <= 2 and shown[comment_id] is not None:
                self.own[who, comment_id] = None
            elif comment_id > 2:
                self.own.pop((who, comment_id), None)

    @rule(who=PEOPLE, ids=IDS, on=st.booleans())
    def flag(self, who: str, ids: list[int], on: bool) -> None:
        self.project.annotations.flag(ids, on, annotator=who).result()
        self.flags = self.flags | set(ids) if on else self.flags - set(ids)

    @rule(who=PEOPLE, ids=IDS, on=st.booleans())
    def skip(self, who: str, ids: list[int], on: bool) -> None:
        self.project.annotations.skip(ids, on, annotator=who).result()
        self.skips = self.skips | set(ids) if on else self.skips - set(ids)

    @rule(who=PEOPLE)
    def there_and_back(self, who: str) -> None:
        """Undoing everything and redoing it gives the same, whatever others did in between."""
        before, could_redo, done = self.snapshot(), self.project.annotations.can_redo(who), 0
        while self.project.annotations.undo(who).result() is not None:
            done += 1
        for _ in range(done):
            action = self.project.annotations.redo(who).result()
            assert action is not None
            assert not action.left_out
        assert self.project.annotations.can_redo(who) == could_redo
        assert self.snapshot() == before

    @rule(who=PEOPLE, redo=st.booleans())
    def back(self, who: str, redo: bool) -> None:
        """One step; what it should give is not known to the model, but all invariants must hold."""
        note = self.project.annotations
        (note.redo(who) if redo else note.undo(who)).result()
        self.reload()

    @rule()
    def reopen(self) -> None:
        folder = self.project.folder
        self.project.close()
        self.project = Project.open(folder)

    def snapshot(self) -> Any:
        found = []
        for comment_id in range(1, 7):
            comment = self.project.comments.get(comment_id)
            marks = sorted((a.annotator, a.label_id) for a in comment.annotations)
            found.append((marks, comment.label_id is None, comment.flagged, comment.skipped))
        return found

    def reload(self) -> None:
        with self.project._database.reading() as connection:
            rows = connection.execute(
                "SELECT annotator, comment_id, label_id FROM annotations WHERE NOT imported"
            )
            self.own = {(who, comment_id): label for who, comment_id, label in rows}
        comments = [self.project.comments.get(comment_id) for comment_id in range(1, 7)]
        self.flags = {comment.id for comment in comments if comment.flagged}
        self.skips = {comment.id for comment in comments if comment.skipped}

    @invariant()
    def everything_agrees(self) -> None:
        comments = [self.project.comments.get(comment_id) for comment_id in range(1, 7)]
        for comment in comments:
            given = {who: label for (who, comment_id), label in self.own.items() if comment_id == comment.id}
            stored = {a.annotator: a.label_id for a in comment.annotations if not a.imported}
            assert stored == {who: label for who, label in given.items() if label is not None}
            labels = set(stored.values())
            if len(labels) == 1:
                assert comment.label_id == labels.pop()
            elif not labels:
                assert comment.label_id == (1 if comment.id <= 2 and not given else None)
            assert (comment.flagged, comment.skipped) == (comment.id in self.flags, comment.id in self.skips)
        counts = self.project.comments.counts()
        assert counts.by_label == {n: sum(c.label_id == n for c in comments) for n in (1, 2, 3)}
        assert (counts.flagged, counts.skipped) == (len(self.flags), len(self.skips))
        assert self.project.comments.count(CommentFilter(unlabelled=True)) == counts.unlabelled


Actions.TestCase.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
TestActions = Actions.TestCase
