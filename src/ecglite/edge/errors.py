"""Every error that ecglite raises on purpose.

    EcgliteError
    ├── ReadError                 a file did not become a Record
    │   ├── FileAccessError       it is missing, not a file, or may not be read
    │   ├── FileTooLargeError     it is over the size that is read into memory
    │   ├── UnknownFormatError    it is no ECG file that ecglite knows: empty, a picture, an archive, prose
    │   ├── MalformedFileError    the format is known, and the content breaks it
    │   ├── UnsupportedError      the file is sound, and uses a feature that is not read
    │   └── ChecksumError         the samples do not add up to the checksum that the header states
    ├── UnitsError                units are missing, unknown, or absurd for the amplitudes
    ├── LeadError                 a lead is unknown, named twice, or one that is needed is missing
    ├── RecordError               an array, a rate and leads do not make a recording
    ├── QualityError              the recording is sound, and too poor to be classified
    ├── BundleError               a model bundle is missing, damaged, or of another version
    ├── SimulationError           what is asked of the simulator contradicts itself, or the rhythm that is asked for
    ├── AppError                  the phone app's page cannot be built, written or served
    └── LabError                  the maker's path
        ├── RecipeError           a recipe has an unknown, missing or invalid field
        └── DatasetError          a database's folder is not what its publisher describes

Each message says what came, what is allowed and what to do, in one line.
"""


class EcgliteError(Exception):
    """Base of all errors for the person who meets them.

    Args:
        came: what was found, with the file or field it was found in.
        allowed: what would have been accepted.
        do: the next step for the person.
    """

    def __init__(self, came: str, *, allowed: str = "", do: str = "") -> None:
        self.came, self.allowed, self.do = came, allowed, do
        parts = [came, f"allowed: {allowed}" if allowed else "", do]
        super().__init__(" ".join("; ".join(p for p in parts if p).split()))


class ReadError(EcgliteError):
    """A file did not become a Record."""


class FileAccessError(ReadError):
    """A path is missing, is not a regular file, or may not be read."""


class FileTooLargeError(ReadError):
    """A file is over the size that ecglite reads into memory."""


class UnknownFormatError(ReadError):
    """A file is none of the formats that ecglite reads."""


class MalformedFileError(ReadError):
    """A file's format is known and its content breaks it."""


class UnsupportedError(ReadError):
    """A file is sound and uses a feature that ecglite does not read."""


class ChecksumError(ReadError):
    """Samples do not add up to the checksum that the header states."""


class UnitsError(EcgliteError):
    """Units are missing, unknown, or absurd for the amplitudes."""


class LeadError(EcgliteError):
    """A lead is unknown, named twice, or needed and missing."""


class RecordError(EcgliteError):
    """An array, a sampling rate and lead names do not make a recording."""


class QualityError(EcgliteError):
    """A sound recording is too poor to be classified."""


class BundleError(EcgliteError):
    """A model bundle is missing, damaged, or of another version."""


class SimulationError(EcgliteError):
    """What is asked of the simulator contradicts itself, or the rhythm that is asked for."""


class AppError(EcgliteError):
    """The phone app's page cannot be built, written or served."""


class LabError(EcgliteError):
    """An error of the maker's path."""


class RecipeError(LabError):
    """A recipe has an unknown, missing or invalid field."""


class DatasetError(LabError):
    """A database's folder is not what its publisher describes."""
