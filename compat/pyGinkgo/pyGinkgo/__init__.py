"""pyGinkgo's names over Petiole.

Programs written for pyGinkgo, and for its interface `pyGinkgo.distributed`, run over Petiole's engine.
Importing this package loads no MPI and needs none.
"""

from . import distributed as distributed
from . import pyGinkgoBindings as pyGinkgoBindings
