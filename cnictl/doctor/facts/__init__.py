"""What several checks want to know of a node, one module for each subject; a `cnictl.doctor.node.Node` has them."""
