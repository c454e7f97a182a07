"""Every "no" of the house, each with the sentence that the person reads and its HTTP status."""

from reflect.tongue import N_


class Refusal(Exception):
    """A kind no: `sentence` is an English msgid, `values` fill its %(name)s places, `status` is for HTTP."""

    status = 409
    sentence = N_("That is not possible now.")
    remedy = N_("Go back and look at the page again: something may have changed.")

    def __init__(self, **values: str) -> None:
        self.values = values
        super().__init__(type(self).__name__)

    def __str__(self) -> str:
        return self.sentence % self.values


class NotFound(Refusal):
    """Not there, or not yours: both look the same."""

    status = 404
    sentence = N_("This page is not here.")
    remedy = N_("Perhaps the address is wrong, or the page is not meant for you. From your own page you find your way.")


class NotSignedIn(Refusal):
    status = 401
    sentence = N_("Sign in first.")
    remedy = N_("After signing in you come back here.")


class NotNow(Refusal):
    """Yours, but this step does not fit the state that the report is in."""

    sentence = N_("This report has moved on meanwhile, so that step is not possible now.")


class AlreadyOpened(Refusal):
    sentence = N_("Your teacher has already opened this report, so you cannot take it back.")
    remedy = N_("Ask your teacher to return it to you, then you can go on writing.")


class ReasonMissing(Refusal):
    status = 422
    sentence = N_("Write down why you want to open this report again.")
    remedy = N_("One sentence is enough. The student can read it.")


class AnswerMissing(Refusal):
    status = 422
    sentence = N_("There is no answer yet.")
    remedy = N_("Write something beside a section or below, and then give your answer.")


class NobodyChosen(Refusal):
    status = 422
    sentence = N_("Nobody is chosen yet.")
    remedy = N_("Tick at least one student below.")


class MomentMissing(Refusal):
    status = 422
    sentence = N_("There is no moment yet.")
    remedy = N_("Fill in a day and a time, or choose to give it now.")


class MomentPast(Refusal):
    status = 422
    sentence = N_("That moment has passed.")
    remedy = N_("Choose a day and a time that are still to come.")


class QuestionMissing(Refusal):
    status = 422
    sentence = N_("There is no question yet.")
    remedy = N_("Write your question in the field “My question to you”, and then return the report.")


class RoundNotOpen(Refusal):
    sentence = N_("This round is not open for writing.")
    remedy = N_("Your own page shows which reports you can write now.")


class TooManyTries(Refusal):
    status = 429
    sentence = N_("Too many attempts to sign in.")
    remedy = N_("Wait a quarter of an hour and try again, or ask the administrator of your school for a new password.")


class SignInFailed(Refusal):
    status = 422
    sentence = N_("That name and password do not belong together.")
    remedy = N_("Check both and try again. Capital letters count in the password.")


class PasswordRefused(Refusal):
    status = 422
    sentence = N_("The password is not changed: the current one is wrong, or the new one is too easy to guess.")
    remedy = N_("Take at least ten characters, without your name. Some words after each other are easy to remember.")


class ShareNotPossible(Refusal):
    status = 422
    sentence = N_("You cannot share with this person.")
    remedy = N_("Choose somebody from the list.")


class ShareDates(Refusal):
    status = 422
    sentence = N_("The last day lies before the first day.")
    remedy = N_("Choose a last day that comes later, or leave it open.")


class DoorClosed(Refusal):
    """A share link that is unknown, not yet open, ended or taken back: all look the same."""

    status = 404
    sentence = N_("This link is not open (any more).")
    remedy = N_("Ask the person who gave it to you for a new one.")


class TooLong(Refusal):
    status = 422
    sentence = N_("A text is longer than %(limit)s characters.")
    remedy = N_("Make it shorter, or spread it over more sections. Nothing of what you typed is gone.")


class TooLarge(Refusal):
    status = 413
    sentence = N_("What you sent is too large.")
    remedy = N_("Go back, make it smaller and try again. What was kept before is still there.")


class PageTooOld(Refusal):
    """The form's anti-forgery token does not fit the session any more."""

    status = 400
    sentence = N_("This page stood open too long.")
    remedy = N_("Go back, copy what you typed, load the page again and paste it. What was kept before is still there.")


_WHY = {
    "unknown": (N_("This is not a photo, sound or PDF that Reflect can read."),
                N_("Save it as JPEG, PNG, MP3, M4A or PDF, and choose it again.")),
    "too large": (N_("This file is too large."), N_("Make it smaller, for example by sending a photo of it.")),
    "too many pixels": (N_("This picture is too large."), N_("Make it smaller, for example by a screenshot of it.")),
    "too long": (N_("This is too long."), N_("A sound may last five minutes, a PDF may have thirty pages.")),
    "broken": (N_("This file is damaged."), N_("Open it yourself to look at it, and make it again.")),
    "encrypted": (N_("This PDF is locked with a password."), N_("Save it without a password, and choose it again.")),
    "too slow": (N_("This file takes too long to read."), N_("Make it simpler, for example by a photo of it.")),
    "empty": (N_("This file is empty."), N_("Open it yourself to look at it, and choose it again.")),
}  # fmt: skip


class EvidenceRefused(Refusal):
    """A file that cannot be kept; `why` is one of the reasons that `media` gives."""

    status = 422

    def __init__(self, why: str) -> None:
        super().__init__()
        self.sentence, self.remedy = _WHY[why]


class TooMuchEvidence(Refusal):
    status = 422
    sentence = N_("There are too many photos and files with this report.")
    remedy = N_("Choose the ones that tell the most.")


class EvidenceNotKept(Refusal):
    """The place where files are kept is full or out of reach."""

    status = 503
    sentence = N_("Photos and files cannot be kept just now.")
    remedy = N_("Go on writing: your words are kept. Try the file again later.")


class CaptionMissing(Refusal):
    status = 422
    sentence = N_("A picture has no caption yet.")
    remedy = N_("Write in one sentence what we see. Who cannot see the picture reads that.")


class PhraseEmpty(Refusal):
    status = 422
    sentence = N_("There are no words in this phrase yet.")
    remedy = N_("Write a sentence that you often need.")


class PhraseTooLong(Refusal):
    status = 422
    sentence = N_("A phrase has at most a thousand characters.")
    remedy = N_("Make it shorter, or make two of it. Nothing of what you typed is gone.")


class TooManyPhrases(Refusal):
    status = 422
    sentence = N_("You have three hundred phrases already, and that is as many as can be kept.")
    remedy = N_("Take away one that you do not use any more, and try again.")


class NoColleague(Refusal):
    status = 422
    sentence = N_("This person cannot read along.")
    remedy = N_("Choose a colleague who teaches this course too.")


class NoteTooLong(Refusal):
    status = 422
    sentence = N_("Your word to your colleague has at most a thousand characters.")
    remedy = N_("Make it shorter and ask again. Your answer itself is kept.")


class WrongMethod(Refusal):
    status = 405
    sentence = N_("This address does not work that way.")


class Busy(Refusal):
    status = 503
    sentence = N_("It is very busy just now.")
    remedy = N_("Nothing is lost. Wait a moment and try again.")


class NothingToPrint(Refusal):
    sentence = N_("There is nothing to print yet.")
    remedy = N_("A report can be printed once the teacher has answered it.")


class PrintFailed(Refusal):
    """One student's pages do not come; `student` names whose, and nobody else's are touched."""

    status = 500
    sentence = N_("The pages of %(student)s could not be printed.")
    remedy = N_("The pages of the other students are fine. Try again, and tell the administrator if it stays so.")

    def __init__(self, *, student: str = "\u2026") -> None:
        super().__init__(student=student)


class PrintAsksOutside(PrintFailed):
    """A page asked for a file or an address that does not belong to it."""

    sentence = N_("The pages of %(student)s ask for something from outside, so they were not printed.")
    remedy = N_("The pages of the other students are fine. Tell the administrator about this one.")


class PrintTooLong(PrintFailed):
    status = 503
    sentence = N_("The pages of %(student)s took too long to print, so the press stopped with them.")


class PrintTooMuch(PrintFailed):
    status = 503
    sentence = N_("The pages of %(student)s hold too much to print: too many words or photos together.")


class SomethingBroke(Refusal):
    status = 500
    sentence = N_("Something went wrong at our side.")
    remedy = N_("What was kept is still there. Try again, and tell the administrator this reference: %(reference)s")
