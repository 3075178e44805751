// Package zonequeue sends the changes of one Route 53 hosted zone one after another: Route 53 refuses a change while
// another change of the same zone is in progress. Only package session imports it.
package zonequeue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/smithy-go/middleware"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Middleware returns the middleware that delays a change of a hosted zone until the previous change of the zone is
// answered. If the context ends first, the call fails with a fault and is not sent.
func Middleware(calls *ratelimit.Limiter) middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("SkepZoneQueue", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		change, ok := in.Parameters.(*route53.ChangeResourceRecordSetsInput)
		if !ok {
			return next.HandleInitialize(ctx, in)
		}
		release, err := calls.Turn(ctx, "zone "+aws.ToString(change.HostedZoneId))
		if err != nil {
			return middleware.InitializeOutput{}, middleware.Metadata{}, errorclass.Unsent(fault.Fault{
				Kind: fault.Unavailable, Class: fault.Rate, Message: "gave up waiting for another change of the hosted zone",
				Remedy: "Nothing to do: Skep retries the call.",
			}, err)
		}
		defer release()
		return next.HandleInitialize(ctx, in)
	})
}
