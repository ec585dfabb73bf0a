"""What pyproject.toml cannot say: a wheel carries the sources of the page, unless it carries the built page."""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

sys.path.insert(0, "src")
from ecglite.app.sources import sources

WEB, LICENCE = Path("web"), Path("LICENSE")
BUILT = Path("src/ecglite/app/page/index.html")


class BuildPy(build_py):
    """Copies `web/` and the licence into `ecglite/app`, where no page was built into `ecglite/app/page`."""

    def run(self) -> None:
        """Builds."""
        shutil.rmtree(self._app, ignore_errors=True)  # which an earlier build in the same folder may have left
        super().run()
        if not self.editable_mode:
            for source, copy in self._copies():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)

    def get_source_files(self) -> list[str]:
        """What a source distribution takes along."""
        return [*super().get_source_files(), *(str(WEB / path) for path in sources(WEB))]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """All files of the build."""
        return [*super().get_outputs(include_bytecode), *(str(copy) for _, copy in self._copies())]

    @property
    def _app(self) -> Path:
        return Path(self.build_lib, "ecglite", "app")

    def _copies(self) -> list[tuple[Path, Path]]:
        if BUILT.is_file():
            return []
        files = [WEB / path for path in sources(WEB)]
        return [(file, self._app / file) for file in (*files, LICENCE)]


setup(cmdclass={"build_py": BuildPy})
