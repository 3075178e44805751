package ratelimit_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// plenty is a source that always grants all requested tokens and a block more.
type plenty struct{ block int }

func (p plenty) Draw(_ context.Context, _ ratelimit.Bucket, d ratelimit.Draw) (ratelimit.Grant, error) {
	return ratelimit.Grant{Now: d.Tokens + p.block, Rate: 1}, nil
}

// BenchmarkDraw is one call that takes its token, from an earlier draw or by a draw of its own, without the cost of
// the source.
func BenchmarkDraw(b *testing.B) {
	for name, source := range map[string]ratelimit.Source{"drawn before": plenty{block: 10}, "drawn now": plenty{}} {
		b.Run(name, func(b *testing.B) {
			calls := ratelimit.New(source)
			caller := callcontext.Call{Object: "organizations/demo/networks/orchid", Resource: "vpc", Priority: callcontext.Change}
			for b.Loop() {
				require.NoError(b, calls.Take(b.Context(), createVpc, caller))
			}
		})
	}
}
