"""The arrays that a search works on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]
Scores = NDArray[np.float32]
