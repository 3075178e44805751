package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// badLabels names every label that Kubernetes would refuse: a kubelet that is
// given one does not start, and its node never joins.
func badLabels(labels map[string]string) []fault.Field {
	var bad []fault.Field
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		wrong := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(labels[key])...)
		if len(wrong) > 0 {
			bad = append(bad, fault.Field{Path: fmt.Sprintf("spec.nodeLabels[%q]", key), Message: strings.Join(wrong, "; ")})
		}
	}
	return bad
}
