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

// mutationGuard adds to a configuration that no mutating call is sent while there is a
// reason not to. It is asked right before each attempt, since a call may have
// waited long for its budget.
func mutationGuard(config *aws.Config, reason func() error) {
	if reason == nil {
		return
	}
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("SkepHeld", func(
			ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
		) (middleware.FinalizeOutput, middleware.Metadata, error) {
			if err := reason(); err != nil && !ratelimit.Reads(awsmiddleware.GetOperationName(ctx)) {
				return middleware.FinalizeOutput{}, middleware.Metadata{}, errorclass.Unsent(fault.Fault{
					Kind: fault.Precondition, Class: fault.Configuration, Message: err.Error(),
					Remedy: "Restore a newer state, or accept this one with `skep admin accept`; nothing is changed until then.",
				}, err)
			}
			return next.HandleFinalize(ctx, in)
		}), "SkepRateLimit", middleware.After)
	})
}
