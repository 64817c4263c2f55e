import shlex

import numpy as np
import pytest

from scenegen.ingest import colmap, learned
from scenegen.progress import silent
from tests.ingest.wallpapered import looking, photographs


def test_a_shell_takes_the_command_that_installs_them_as_it_stands():
    assert shlex.split(learned.INSTALL) == ["pip", "install", "scenegen[learned]"]
    assert shlex.quote("scenegen[learned]") in learned.INSTALL  # zsh takes bare brackets as a glob


@pytest.mark.slow
@pytest.mark.skipif(not learned.installed(), reason=f"not installed: {learned.INSTALL}")
@pytest.mark.filterwarnings("ignore")  # kornia's and torch's own
def test_learned_matches_enter_the_database_verified(tmp_path):
    poses = [looking([x, -2, 0], [0, 0, 0]) for x in (-0.3, 0.0, 0.3)]
    shots = photographs(tmp_path / "images", poses)
    plain = colmap.open_workspace(tmp_path / "plain", shots, 0)
    colmap.extract_sift(plain, colmap.Features(320), silent)
    pairs = [(0, 1), (0, 2), (1, 2)]
    workspace = learned.match_learned(plain, tmp_path / "learned", pairs, 320, silent)

    found = colmap.read_pairs(workspace)
    assert sorted(tuple(sorted(pair.pair)) for pair in found) == pairs  # in no certain order
    assert all(len(pair.inliers) >= 50 for pair in found)
    keypoints = colmap.read_keypoints(workspace)
    first, second = (keypoints[i][found[0].inliers[:, i]] for i in (0, 1))
    assert np.abs(first[:, 1] - second[:, 1]).max() < 25  # a step sideways moves little up or down
    assert np.median(np.abs(first[:, 0] - second[:, 0])) > 2
