"""The pictures of what cnictl shows on a terminal: `make pictures`.

They are drawn by the program's own renderers, from the examples of the manual and from what was recorded once in a
throwaway node (``recorded/``), so that they can be drawn anywhere and are the same each time. A test compares those
that are kept with what is drawn today.
"""

from __future__ import annotations
