"""The child process that does one piece of work: `python -m tunix.work.runner KIND ID EPOCH`.

1. Read the secrets from standard input, set up Django, and watch standard input: the runner never outlives its
   supervisor.
2. Keep the lease, on a separate thread.
3. Call the RUNNER of this kind of work. It writes the terminal state itself, under its epoch.

Exit code 0: the work has ended, well or not. 75: the lease was lost. Anything else: a crash; the supervisor decides.
"""

from __future__ import annotations

import os
import sys
import traceback

from tunix.work.runner_secrets import SECRETS, receive_secrets


def main(arguments: list[str]) -> int:
    kind, pk, epoch = arguments[0], arguments[1], int(arguments[2])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tunix.settings")
    os.environ.update(receive_secrets())
    import django

    django.setup()
    from django.utils.module_loading import import_string

    from tunix.pipeline.faults import fault_point
    from tunix.work.keeper import LeaseKeeper, end_with_parent
    from tunix.work.log_context import bind_to_process, ids_of
    from tunix.work.models import kind_of_work

    for name in SECRETS:  # Django has read them: Ray and the code of a trial must not inherit them
        os.environ.pop(name, None)
    end_with_parent()
    model = kind_of_work(kind)
    bind_to_process(**ids_of(kind, pk), epoch=epoch)
    with LeaseKeeper(model, pk, epoch) as keeper:
        fault_point("runner.started")
        import_string(model.RUNNER)(pk, epoch, keeper)
    return 0


def run_and_exit(arguments: list[str]) -> None:
    """Run, then exit without the interpreter's shutdown: libraries leave threads and exit hooks that may hang.

    Everything that must be stored is committed by then.
    """
    status = 1
    try:
        status = main(arguments)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    run_and_exit(sys.argv[1:])
