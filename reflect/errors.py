"""Every error that a person reads: its sentence, what to do about it, and its HTTP status."""

from reflect.i18n import N_


class UserError(Exception):
    """What a person asked for is not possible.

    `message` and `hint` are English msgids; `values` fill their %(name)s places.
    """

    # 409: the request was fine, but the report is in another state by now. What the sender can
    # correct on the page itself is a 422, in the classes below.
    status = 409
    message = N_("That is not possible now.")
    hint = N_("Go back and look at the page again: something may have changed.")
    # Seconds after which it is worth trying again; None where waiting does not help.
    retry_after: int | None = None

    def __init__(self, **values: str) -> None:
        self.values = values
        # Not the values: one of them may be a person's name, and this is what a log would show.
        super().__init__(type(self).__name__)

    def __str__(self) -> str:
        return self.message % self.values


class NotFound(UserError):
    """It is not there, or not for this person: nobody can see which."""

    status = 404
    message = N_("This page is not here.")
    hint = N_(
        "Perhaps the address is wrong, or the page is not meant for you. "
        "From your own page you find your way."
    )


# `reflect.web.error_handlers` turns this into the sign-in page; only a script sees the 401.
class NotSignedIn(UserError):
    status = 401
    message = N_("Sign in first.")
    hint = N_("After signing in you come back here.")


class InvalidTransition(UserError):
    """The person may do this, but not in the state that the report is in."""

    message = N_("This report has moved on meanwhile, so that step is not possible now.")


class AlreadyOpened(UserError):
    message = N_("Your teacher has already opened this report, so you cannot take it back.")
    hint = N_("Ask your teacher to return it to you, then you can go on writing.")


class ReasonMissing(UserError):
    status = 422
    message = N_("Write down why you want to open this report again.")
    hint = N_("One sentence is enough.")


class AnswerMissing(UserError):
    status = 422
    message = N_("There is no answer yet.")
    hint = N_("Write something beside a section or below, and then give your answer.")


class NoStudentSelected(UserError):
    status = 422
    message = N_("Nobody is chosen yet.")
    hint = N_("Tick at least one student below.")


class ReleaseTimeMissing(UserError):
    status = 422
    message = N_("There is no moment yet.")
    hint = N_("Fill in a day and a time, or choose to give it now.")


class ReleaseTimePast(UserError):
    status = 422
    message = N_("That moment has passed.")
    hint = N_("Choose a day and a time that are still to come.")


class QuestionMissing(UserError):
    status = 422
    message = N_("There is no question yet.")
    hint = N_("Write your question in the field “My question to you”, and then return the report.")


class StudentHasLeft(UserError):
    """A teacher asks for more words of a student who is not at the school any more."""

    status = 422
    message = N_(
        "This student has left the school, so nobody would write on. You can still answer."
    )
    hint = N_("What you answer goes along when they fetch their reports.")


class RoundNotOpen(UserError):
    message = N_("This round is not open for writing.")
    hint = N_("Your own page shows which reports you can write now.")


class TooManyAttempts(UserError):
    """Somebody tried so often that the next try has to wait, for so many seconds."""

    status = 429
    message = N_("There were many tries with this name.")
    hint = N_(
        "Wait %(seconds)s seconds and try again: it never takes more than a minute. "
        "A device on which you signed in before does not wait for what others try."
    )

    def __init__(self, *, seconds: int) -> None:
        super().__init__(seconds=str(seconds))
        self.retry_after: int = seconds


class TooManyConfirmations(TooManyAttempts):
    """The same for somebody who is signed in and types their own password once more."""

    message = N_("There were many tries with your password.")
    hint = N_(
        "Wait %(seconds)s seconds and try again: it never takes more than a minute. "
        "Did you forget it? The administrator of your school gives you a new one."
    )


class SentTooMuch(UserError):
    """One person sent so much in a short time that others would have to wait for it."""

    status = 429
    message = N_("That was very much in a short time.")
    hint = N_("Nothing of it is lost. Wait a minute, then try again.")

    def __init__(self, *, seconds: float) -> None:
        self.retry_after = max(1, round(seconds + 0.5))
        super().__init__()


class SignInFailed(UserError):
    status = 422
    message = N_("That name and password do not belong together.")
    hint = N_("Check both and try again. Capital letters count in the password.")


class WrongPassword(UserError):
    """Somebody who is signed in typed their own password once more, and it is another one."""

    status = 422
    message = N_("This is not your current password.")
    hint = N_("Try again. Capital letters count.")


class PasswordChangedMeanwhile(UserError):
    """What was typed was right when it was sent: another window was first."""

    message = N_("Your password was changed a moment ago, in another window or on another device.")
    hint = N_("Was that not you? Tell the administrator of your school. Else nothing is needed.")


class PasswordRejected(UserError):
    """A new password is too easy to guess; the classes below say why."""

    status = 422
    message = N_("This password is easy to guess.")
    hint = N_("Take three or four words that have nothing to do with each other.")


class PasswordTooShort(PasswordRejected):
    message = N_("This password is too short.")
    hint = N_("Take at least ten characters. Some words after each other are easy to remember.")


class PasswordTooCommon(PasswordRejected):
    message = N_("Many people have a password like this, so it is one of the first to be guessed.")


class PasswordHasName(PasswordRejected):
    message = N_("“%(word)s” is in this password, and everybody here knows that word.")
    hint = N_("Leave out your name, your user name and the name of the school, also backwards.")


class ShareNotAllowed(UserError):
    status = 422
    message = N_("You cannot share with this person.")
    hint = N_("Choose somebody from the list.")


class InvalidShareDates(UserError):
    status = 422
    message = N_("The last day lies before the first day.")
    hint = N_("Choose a last day that comes later, or leave it open.")


class LinkEndsTooLate(UserError):
    status = 422
    message = N_("A link is open until the end of the school year at the latest.")
    hint = N_("Choose an earlier last day. With somebody from the list you can share for longer.")


class LinkExpired(UserError):
    """A share link is unknown, not yet open, ended or taken back: nobody can see which."""

    status = 404
    message = N_("This link is not open (any more).")
    hint = N_("Ask the person who gave it to you for a new one.")


class TextTooLong(UserError):
    status = 422
    message = N_("A text is longer than %(limit)s characters.")
    hint = N_(
        "Make it shorter, or spread it over more sections. Nothing of what you typed is gone."
    )


class EvidenceLost(UserError):
    """The row of a piece of evidence is there, and its file is not."""

    status = 410
    message = N_("This file is not there now.")
    hint = N_(
        "What was written about it is still in the report. "
        "Tell the administrator of your school, who can look for the file in a backup."
    )


class RequestTooLarge(UserError):
    """The body is over the limit, so it is not read, and nothing of it can come back in a page."""

    status = 413
    message = N_("What you sent is too large.")
    hint = N_(
        "Nothing of it is kept. Go back with the button of your browser: what you typed most "
        "often still stands there. Copy it first, and then make it smaller or send it in parts. "
        "What was kept before is still there."
    )


class CsrfTokenExpired(UserError):
    """The CSRF token of a form does not belong to the session any more."""

    status = 400
    message = N_("This page stood open too long.")
    hint = N_(
        "Go back, copy what you typed, load the page again and paste it. "
        "What was kept before is still there."
    )


# By the words of media.kinds.RejectReason: the message, and the hint.
_EVIDENCE_MESSAGES = {
    "unknown": (
        N_("This is not a photo, sound or PDF that Reflect can read."),
        N_("Save it as JPEG, PNG, MP3, M4A or PDF, and choose it again."),
    ),
    "other picture": (
        N_("This is a picture of a kind that Reflect cannot read."),
        N_(
            "Make a JPEG of it: a screenshot of it will do. For new photos on an iPhone, choose "
            "Settings, Camera, Formats, Most Compatible."
        ),
    ),
    "other document": (
        N_("This is a document, but no PDF."),
        N_("Save or print it as a PDF, and choose that one."),
    ),
    "other sound": (
        N_("This is a sound of a kind that Reflect cannot read."),
        N_("Save it as MP3 or M4A, or record it again with the recorder of your phone."),
    ),
    "film": (
        N_("This is a film, and Reflect keeps none."),
        N_("Make a screenshot of the moment that tells the most, or record the sound alone."),
    ),
    "thread": (
        N_("This picture is too long and narrow to be read."),
        N_("Make a few shorter ones of it, and choose those."),
    ),
    "invisible": (
        N_("There is nothing to see in this picture: it is transparent."),
        N_("Make a screenshot of it, and choose that."),
    ),
    "many pages": (
        N_("This picture has several pages, and only the first would be kept."),
        N_("Save it as a PDF, and choose that one."),
    ),
    "incomplete": (
        N_("A part of this picture is missing."),
        N_(
            "Choose it again. If your own device shows only a part of it too, make a screenshot "
            "of what there is."
        ),
    ),
    "not pages": (
        N_("What this PDF shows is not on its pages, so it would be lost."),
        N_("Open it, print it as a new PDF, and choose that one."),
    ),
    "too heavy": (
        N_("The pages of this PDF are too heavy to show."),
        N_("Print it as a new PDF, or make a photo of the page that tells the most."),
    ),
    "too large": (
        N_("This file is too large."),
        N_("Make it smaller, for example by sending a photo of it."),
    ),
    "too many pixels": (
        N_("This picture is too large."),
        N_("Make it smaller, for example by a screenshot of it."),
    ),
    "too long": (
        N_("This is too long."),
        N_("A sound may last five minutes, a PDF may have thirty pages."),
    ),
    "broken": (
        N_("This file is damaged."),
        N_("Open it yourself to look at it, and make it again."),
    ),
    "encrypted": (
        N_("This PDF is locked with a password."),
        N_("Save it without a password, and choose it again."),
    ),
    "too slow": (
        N_("This file takes too long to read."),
        N_("Make it simpler, for example by a photo of it."),
    ),
    "empty": (
        N_("This file is empty."),
        N_("Open it yourself to look at it, and choose it again."),
    ),
}


class EvidenceRejected(UserError):
    """A file cannot be kept; `reason` is a word of media.kinds.RejectReason."""

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.message, self.hint = _EVIDENCE_MESSAGES[reason]


class TooMuchEvidence(UserError):
    status = 422
    message = N_("There are too many photos and files with this report.")
    hint = N_("Choose the ones that tell the most.")


class EvidenceQuotaReached(UserError):
    """All files of a student in a school year take more than the school has room for."""

    status = 422
    message = N_(
        "There is no room for this one: all your photos, sounds and files of a school year may "
        "take %(megabytes)s MB together."
    )
    hint = N_(
        "Say in words what it shows, or choose a smaller file. If you need more room, ask your "
        "teacher: the school can give it."
    )

    def __init__(self, *, megabytes: int) -> None:
        super().__init__(megabytes=str(megabytes))


class StorageUnavailable(UserError):
    """The blob storage is full, or cannot be reached."""

    status = 503
    retry_after = 60
    message = N_("Photos and files cannot be kept just now.")
    hint = N_("Try the file again later. For words, the page itself says whether they are kept.")


class CaptionMissing(UserError):
    status = 422
    message = N_("A picture has no caption yet.")
    hint = N_("Write in one sentence what we see. Who cannot see the picture reads that.")


class SnippetEmpty(UserError):
    status = 422
    message = N_("There are no words in this phrase yet.")
    hint = N_("Write a sentence that you often need.")


class SnippetTooLong(UserError):
    status = 422
    message = N_("A phrase has at most a thousand characters.")
    hint = N_("Make it shorter, or make two of it. Nothing of what you typed is gone.")


class TooManySnippets(UserError):
    status = 422
    message = N_("You have three hundred phrases already, and that is as many as can be kept.")
    hint = N_("Take away one that you do not use any more, and try again.")


class InvalidReviewer(UserError):
    status = 422
    message = N_("This person cannot read along.")
    hint = N_("Choose a colleague who teaches this course too.")


class NoteTooLong(UserError):
    status = 422
    message = N_("Your word to your colleague has at most a thousand characters.")
    hint = N_("Make it shorter and ask again. Your answer itself is kept.")


class MethodNotAllowed(UserError):
    status = 405
    message = N_("This address does not work that way.")


# Also when another writer held SQLite's lock for too long: trying again helps.
class ServiceBusy(UserError):
    status = 503
    retry_after = 5
    message = N_("It is very busy just now.")
    hint = N_("Nothing is lost. Wait a moment and try again.")


class SpeculativeRequest(UserError):
    """A browser or a messenger fetched a page before anybody opened it."""

    # A browser throws away what it fetched ahead with this status, and asks again for the person:
    # only that helps, and no waiting.
    status = 503
    message = N_("This page is shown when you open it.")
    hint = N_("It was fetched before anybody asked to see it. Open it once more.")


class ServiceUnavailable(ServiceBusy):
    """Nothing can be written: the disk is full, or the database is not there."""

    message = N_("Nothing can be kept just now.")
    hint = N_(
        "The disk or the database of the school has a problem. What was kept before is still "
        "there. Try again in a few minutes, and tell the administrator if it stays so."
    )


class NothingToPrint(UserError):
    message = N_("There is nothing to print yet.")
    hint = N_("A report can be printed once the teacher has answered it.")


class PrintFailed(UserError):
    """The pages of one student, named `student`, cannot be printed; nobody else's are touched."""

    status = 500
    message = N_("The pages of %(student)s could not be printed.")
    hint = N_(
        "The pages of the other students are fine. "
        "Try again, and tell the administrator if it stays so."
    )

    def __init__(self, *, student: str = "\u2026") -> None:
        super().__init__(student=student)


class PrintBlockedResource(PrintFailed):
    """A page asked for a file or an address that does not belong to it."""

    message = N_(
        "The pages of %(student)s ask for something from outside, so they were not printed."
    )
    hint = N_("The pages of the other students are fine. Tell the administrator about this one.")


class PrintTimeout(PrintFailed):
    status = 503
    retry_after = 60
    message = N_("The pages of %(student)s took too long to print, so the press stopped with them.")


class PrintTooLarge(PrintFailed):
    # Of this size it never comes to an end: waiting does not help.
    status = 503
    message = N_(
        "The pages of %(student)s hold too much to print: too many words or photos together."
    )


class InternalError(UserError):
    status = 500
    message = N_("Something went wrong at our side.")
    hint = N_(
        "What was kept is still there. "
        "Try again, and tell the administrator this reference: %(reference)s"
    )
