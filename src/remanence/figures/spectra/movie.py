"""Writing of frames as a movie file."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryFile

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe
from numpy.typing import NDArray

from remanence.foundation.whole_file import whole_file

FORMATS = {
    # Browsers, slides and telephones play yuv420p. With faststart a movie begins to play before it is fully loaded.
    ".mp4": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "16", "-movflags", "+faststart"],
    # Each frame has its own palette, because a single palette for the whole movie would band the colours of maps.
    ".gif": ["-filter_complex", "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=none"],
}


def write_movie(frames: Iterable[NDArray[np.uint8]], path: Path, *, fps: float) -> None:
    """Write frames one after the other; the file appears under its name only once it is complete.

    Args:
        frames: pictures of one size, shape (height, width, 3) each; may be a generator. An odd height or width is
            padded by one line, because .mp4 codes pixels in pairs.
        path: path of the movie, ending with .mp4 (H.264) or .gif; an existing file is replaced.
        fps: frames per second.

    Raises:
        ValueError: if the path has another ending, there is no frame, or a frame differs in shape or type.
        OSError: if the file cannot be written.
    """
    if path.suffix not in FORMATS:
        raise ValueError(f"Expected argument `path` to end with .mp4 or .gif, but got {path.name}.")
    every = iter(frames)
    first = next(every, None)
    if first is None:
        raise ValueError("Expected argument `frames` to hold at least one frame, but got none.")
    with whole_file(path) as unfinished:
        _encode(_even(chain([first], every), first.shape), unfinished, fps)


def _encode(frames: Iterator[NDArray[np.uint8]], path: Path, fps: float) -> None:
    first = next(frames)
    size = f"{first.shape[1]}x{first.shape[0]}"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", size, "-framerate", str(fps), "-i", "-"]
    command = [get_ffmpeg_exe(), "-v", "error", "-y", *raw, *FORMATS[path.suffix], str(path)]
    with TemporaryFile() as complaints:
        with Popen(command, stdin=PIPE, stderr=complaints) as encoder:
            assert encoder.stdin is not None
            try:
                with suppress(BrokenPipeError):  # ffmpeg ended early; its error is read below
                    for frame in chain([first], frames):
                        encoder.stdin.write(frame.tobytes())
            except BaseException:
                encoder.kill()
                raise
            with suppress(BrokenPipeError):
                encoder.stdin.close()
        if encoder.returncode:
            complaints.seek(0)
            reason = complaints.read().decode(errors="replace").strip().splitlines()
            raise OSError(f"{path.name}: the movie could not be written: {reason[-1] if reason else 'no reason given'}")


def _even(frames: Iterable[NDArray[np.uint8]], shape: tuple[int, ...]) -> Iterator[NDArray[np.uint8]]:
    for frame in frames:
        if frame.dtype != np.uint8 or frame.shape != shape or frame.ndim != 3 or frame.shape[2] != 3:
            raise ValueError(
                f"Expected argument `frames` to hold uint8 pictures of the shape {(*shape[:2], 3)}, "
                f"but got {frame.dtype} of the shape {frame.shape}."
            )
        height, width, _ = frame.shape
        yield np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
