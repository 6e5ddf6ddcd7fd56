"""From a loop to machine code: LLVM's passes, and the object code kept on disk.

Object code is kept under a digest of the IR text itself (which follows from rulebook, rules, proven ranges
and mode), the CPU and the LLVM version.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache as once

import llvmlite
import llvmlite.binding as llvm

from gangmu import cache
from gangmu.engine.kernel.loops import Loop, text_of

Runner = Callable[[int, int, int, int, int, int, int], None]
MOST = 2_000  # pieces of object code kept
_ARGUMENTS = (*[ctypes.c_void_p] * 5, ctypes.c_int64, ctypes.c_int64)
_PROTOTYPE = ctypes.CFUNCTYPE(None, *_ARGUMENTS)
_BRIEF = ctypes.PYFUNCTYPE(None, *_ARGUMENTS)


@dataclass(frozen=True, slots=True)
class Machine:
    """Compiled code; `engine` keeps it alive."""

    run: Runner
    engine: object
    scratch: int  # bytes of scratch memory for a call
    from_cache: bool
    brief: Callable[..., None]  # the same, keeping the GIL: to let it go takes longer than a row


@dataclass(frozen=True, slots=True)
class Compiled:
    """Compiled code that takes its own arguments; `engine` keeps it alive."""

    run: Callable[..., None]
    engine: object


@once
def _ready() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _target(level: int) -> llvm.TargetMachine:
    """A target of its own for every engine: an engine takes it along when it goes."""
    _ready()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=min(level + 1, 3) if level else 0
    )


def build(loop: Loop, *, level: int = 2) -> Machine:
    """Compile, or take the object code that an earlier process left."""
    text, scratch = text_of(loop)
    engine, from_cache = _engine(text, level, vector=loop.plain)
    address = engine.get_function_address("run")
    return Machine(_PROTOTYPE(address), engine, scratch, from_cache, _BRIEF(address))


def compile_text(text: str, kinds: Sequence[type], *, level: int, vector: bool) -> Compiled:
    """Compile a module whose `run` takes arguments of these C types and gives nothing."""
    engine, _ = _engine(text, level, vector=vector)
    return Compiled(ctypes.CFUNCTYPE(None, *kinds)(engine.get_function_address("run")), engine)


def _engine(text: str, level: int, *, vector: bool) -> tuple[llvm.ExecutionEngine, bool]:
    """Code of a module, and whether an earlier process left it.

    The engine is given object code, not the module: nothing of the text is parsed where the code is kept, and
    none of it stays in memory behind the code.
    """
    features = llvm.get_host_cpu_features().flatten()
    seed = "|".join((llvmlite.__version__, llvm.get_host_cpu_name(), features, str(level), text))
    place = cache.folder("kernel") / f"{hashlib.sha256(seed.encode()).hexdigest()}.o"
    target = _target(level)
    kept = cache.read(place)
    code = kept
    if code is None:
        code = _object(text, level, vector=vector)
        cache.write(place, code, MOST)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine, kept is not None


def _object(text: str, level: int, *, vector: bool) -> bytes:
    """Object code of a module."""
    target = _target(level)
    module = llvm.parse_assembly(text)
    if level:
        _optimise(module, target, level, vector=vector)
    code: bytes = target.emit_object(module)
    return code


def _optimise(module: llvm.ModuleRef, target: llvm.TargetMachine, level: int, *, vector: bool) -> None:
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = vector
    options.slp_vectorization = False
    options.loop_unrolling = False
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
