package session

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// addMutationGuard adds to a configuration that no mutating call is sent while reason returns an error. It runs right
// before each attempt, because a call may wait long for the rate limit.
func addMutationGuard(config *aws.Config, reason func() error) {
	if reason == nil {
		return
	}
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("SkepMutationGuard", func(
			ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
		) (middleware.FinalizeOutput, middleware.Metadata, error) {
			if err := reason(); err != nil && !ratelimit.Reads(awsmiddleware.GetOperationName(ctx)) {
				return middleware.FinalizeOutput{}, middleware.Metadata{}, errorclass.Unsent(fault.Fault{
					Kind: fault.Precondition, Class: fault.Configuration, Message: err.Error(),
					Remedy: "Restore a newer state, or accept this one with `skep admin accept`. Until then Skep changes nothing.",
				}, err)
			}
			return next.HandleFinalize(ctx, in)
		}), "SkepRateLimit", middleware.After)
	})
}
