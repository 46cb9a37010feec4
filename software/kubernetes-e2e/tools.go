//go:build tools

// Package tools names the commands that this component builds, so that go.mod pins them and all they need.
package tools

import (
	_ "k8s.io/kubernetes/test/e2e"
	_ "k8s.io/kubernetes/test/images/agnhost"
)
