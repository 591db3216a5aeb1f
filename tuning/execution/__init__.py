"""Running a job's trials: the runner process, and Ray Tune behind one module."""
