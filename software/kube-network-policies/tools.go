//go:build tools

// Package tools names the commands that this component builds, so that go.mod pins them and all they need.
package tools

import (
	_ "sigs.k8s.io/kube-network-policies/cmd"
)
