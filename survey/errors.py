"""Refusals: what the survey says no to, with the sentence a person reads and the status a machine reads."""

from __future__ import annotations

import copyreg
from typing import Any

from survey.languages import N_


class SurveyError(Exception):
    """A refusal. `sentence` is English source text (a message id) with `%(name)s` places for `values`.

    `status` is the HTTP status; `retry_after` (seconds) is sent as Retry-After where it is set.
    """

    status = 400
    sentence = N_("That did not work. Go back and try again.")
    retry_after: int | None = None

    def __init__(self, sentence: str | None = None, **values: Any) -> None:
        self.sentence = sentence or type(self).sentence
        self.values = values
        super().__init__(self.sentence % values if values else self.sentence)

    def __reduce__(self) -> tuple[Any, ...]:
        """Be the same in another process: what is given to make one is not what it then holds."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class NotFound(SurveyError):
    """Nothing of that name is here."""

    status = 404
    sentence = N_("There is nothing at this address. Check the address, or type the code on your card.")


class SignInNeeded(SurveyError):
    """The console wants a signed-in facilitator."""

    status = 401
    sentence = N_("Sign in first.")


class SignInRefused(SurveyError):
    """Name and password do not belong together; never says which of them is wrong."""

    status = 401
    sentence = N_("Name and password do not fit together.")


class TooManySignIns(SurveyError):
    """Too many attempts on one account, or on all together."""

    status = 429
    sentence = N_("There have been many attempts to sign in. Wait a little and try again.")
    retry_after = 10


class LinkSpent(SurveyError):
    """A one-time link that is unknown, used or too old."""

    status = 410
    sentence = N_("This link has been used or is too old. Ask for a new one.")


class WeakPassword(SurveyError):
    """A password that is too short, too long or too plain."""

    status = 422
    sentence = N_("A password needs at least 12 signs, and not the same few over and over.")


class NotYours(SurveyError):
    """Signed in, but not for this meeting."""

    status = 403
    sentence = N_("This meeting belongs to another facilitator.")


class UnknownCode(SurveyError):
    """No card has this code, or the code is not one. Never says that a code exists."""

    status = 404
    sentence = N_("No card has that code. At least one sign is wrong.")


class TooManyGuesses(SurveyError):
    """The bucket for unknown codes is empty; valid codes are never held back."""

    status = 429
    sentence = N_("Many wrong codes have been tried just now. Wait a few seconds and try again.")
    retry_after = 5


class CardVoid(SurveyError):
    """The card was voided by the facilitator."""

    status = 410
    sentence = N_("This card is no longer valid. Ask the facilitator for a new one.")


class CardTaken(SurveyError):
    """The card has voted in the open round from another phone."""

    status = 409
    sentence = N_("This card has already voted on another phone. Ask the facilitator for a new card.")


class NoSeatLeft(SurveyError):
    """Every seat of the group is taken; only the facilitator can give out more cards."""

    status = 409
    sentence = N_("All cards of this group are in use. Ask the facilitator for a card.")


class StaleForm(SurveyError):
    """The page was too old, or came from a browser that keeps no cookies."""

    sentence = N_("The page was old, or this browser keeps no cookies. Look it over and send it once more.")


class TooManyStreams(SurveyError):
    """More streams than the server holds open; the page then asks now and again instead."""

    status = 503
    sentence = N_("Too many pages are open at once. Close some and load the page again.")
    retry_after = 30


class OtherCard(SurveyError):
    """The ballot page was made for another card than the one that this phone votes with now."""

    status = 409
    sentence = N_("This page was filled in for another card. It was not counted.")


class RoundClosed(SurveyError):
    """The round is not open (any more): the ballot was not counted."""

    status = 409
    sentence = N_("The vote is closed. Your last change came too late and was not counted.")


class RoundFinished(RoundClosed):
    """The question is finished: nobody knows any more whether this ballot came in before."""

    sentence = N_("The question is finished. Whether your last answer came in can no longer be told.")


class InvalidAnswer(SurveyError):
    """The answer breaks the kind's rules; `problems` are the sentences."""

    status = 422

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems) or None)
        self.problems = problems


class NotVoting(SurveyError):
    """The card's group has no vote in this question."""

    status = 403
    sentence = N_("Your group does not vote on this question.")


class KeyReused(SurveyError):
    """The idempotency key was used with another answer."""

    status = 422
    sentence = N_("This sending was already used for another answer. Load the page again and vote once more.")


class StaleVersion(SurveyError):
    """Somebody else moved the meeting on; the page now shows how it stands."""

    status = 409
    sentence = N_("Somebody else has just done something. This is how it stands now.")


class NotAllowedNow(SurveyError):
    """The step does not fit the state the round or the meeting is in."""

    status = 409
    sentence = N_("That step is not possible now.")


class PlanRejected(SurveyError):
    """A plan with mistakes; `problems` is a list of (place, sentence)."""

    status = 422
    sentence = N_("The plan has mistakes.")

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__()
        self.problems = problems


class KeyGone(SurveyError):
    """The question's key does not exist (any more): its ballots cannot be tied to cards again."""

    status = 409
    sentence = N_("That step is not possible now.")


class WrongSecret(SurveyError):
    """The questions' keys in the database were wrapped under another secret than this host's."""

    status = 500
    sentence = N_(
        "This machine's secret is not the one that the database was set up with. Copy the right secret file."
    )


class NotDurable(SurveyError):
    """The database server is set to answer before it has written: a power cut would lose ballots."""

    status = 500
    sentence = N_(
        "The database server has %(setting)s switched off: a power cut would lose votes. Switch it on."
    )


class StorageUnavailable(SurveyError):
    """The database cannot be written just now: nothing was stored."""

    status = 503
    sentence = N_(
        "The answer could not be stored just now. Nothing is lost: the phone tries again by itself."
    )
    retry_after = 2


class NewerDatabase(SurveyError):
    """The database was made by a newer version of the program."""

    status = 500
    sentence = N_(
        "The database was made by a newer version of this program. Install that version; nothing was changed."
    )


class WrongBackup(SurveyError):
    """A file that is not a whole backup, or that does not fit these keys or this program."""

    sentence = N_("%(file)s cannot be used: %(why)s")


class InUse(SurveyError):
    """A server runs on the folder whose database would be put in place of its own."""

    status = 409
    sentence = N_("A server is running on %(place)s. Stop it first; nothing was changed.")


class NotEmpty(SurveyError):
    """A backup is restored only where there is nothing that it could overwrite."""

    status = 409
    sentence = N_(
        "There are meetings in %(place)s already. Restore into an empty instance; nothing was changed."
    )


class BrokenChain(SurveyError):
    """The log does not verify: the server refuses to carry on."""

    status = 500
    sentence = N_("The log of this meeting does not verify at entry %(seq)s. No new round can be opened.")
