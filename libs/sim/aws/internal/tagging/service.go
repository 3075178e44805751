package tagging

import "github.com/skep-dev/skep/libs/sim/aws/internal/engine"

// NewService returns the Resource Groups Tagging API.
func NewService() *engine.Service {
	s := &engine.Service{
		ID: "Resource Groups Tagging API",
		// 15 calls of GetResources per second.
		// https://docs.aws.amazon.com/tag-editor/latest/userguide/reference.html
		Limits:    func(string, bool, any) []engine.Limit { return []engine.Limit{{Burst: 15, Refill: 15}} },
		Throttled: engine.Refuse("ThrottledException", "Rate exceeded"),
	}
	handleResources(s)
	return s
}
