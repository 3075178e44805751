package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// badLabels returns a bad field for every label that Kubernetes refuses: a kubelet with such
// a label does not start, and its node never joins the cluster.
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
