package session

import (
	"context"
	"errors"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/aws/zonequeue"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
)

var tracer = otel.Tracer("github.com/skep-dev/skep/libs/aws/session")

// Instrument adds to a configuration what every call of Skep to AWS goes
// through: a span, the budget of the account, retries of nothing but
// throttling, and errors that are faults.
func Instrument(config *aws.Config, calls *ratelimit.Limiter, account string) {
	config.Retryer = func() aws.Retryer { return onlyThrottled{retry.NewStandard()} }
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		if err := stack.Initialize.Add(traced(), middleware.Before); err != nil {
			return err
		}
		if err := stack.Initialize.Add(zonequeue.Middleware(calls), middleware.After); err != nil {
			return err
		}
		// Credentials come first: a token that waits for them is spent later by AWS's
		// count than by ours.
		return stack.Finalize.Insert(rateLimited(calls, account), "GetIdentity", middleware.After)
	})
}

// onlyThrottled retries a call only if AWS refused it for its rate. Such a call
// certainly had no effect; any other failure is for the ledger to think about,
// since a blind second create may make a second thing.
type onlyThrottled struct{ *retry.Standard }

// IsErrorRetryable reports whether AWS refused the call for its rate.
func (onlyThrottled) IsErrorRetryable(err error) bool { return errorclass.IsThrottle(err) }

// traceID is the name of the middleware that others are put behind.
const traceID = "SkepTrace"

// traced opens a span around the whole call, retries included, and turns its
// error into a fault.
func traced() middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc(traceID, func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
		ctx, span := tracer.Start(ctx, service+" "+operation, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("rpc.system", "aws-api"),
			attribute.String("rpc.service", service),
			attribute.String("rpc.method", operation),
			attribute.String("cloud.region", awsmiddleware.GetRegion(ctx)),
		))
		defer span.End()
		out, metadata, err := next.HandleInitialize(ctx, in)
		if id, ok := awsmiddleware.GetRequestIDMetadata(metadata); ok {
			span.SetAttributes(attribute.String("aws.request_id", id))
		}
		if err != nil {
			err = errorclass.Wrap(service+" "+operation, err)
			span.SetStatus(codes.Error, fault.Of(err).Error())
		}
		return out, metadata, err
	})
}

// rateLimited takes a token before every attempt.
func rateLimited(calls *ratelimit.Limiter, account string) middleware.FinalizeMiddleware {
	return middleware.FinalizeMiddlewareFunc("SkepRateLimit", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		call := ratelimit.Call{
			Account: account, Region: awsmiddleware.GetRegion(ctx),
			Service: awsmiddleware.GetServiceID(ctx), Operation: awsmiddleware.GetOperationName(ctx),
		}
		if err := calls.Take(ctx, call, callcontext.From(ctx)); err != nil {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, notTaken(err)
		}
		out, metadata, err := next.HandleFinalize(ctx, in)
		if err != nil && errorclass.IsThrottle(err) {
			if reported := calls.Throttled(context.WithoutCancel(ctx), call); reported != nil {
				slog.WarnContext(ctx, "throttle is not shared", "call", call.Service+" "+call.Operation, "error", reported)
			}
		}
		return out, metadata, err
	})
}

// notTaken is why the budget let a call not be made: its turn is further away
// than it is kept waiting, or its caller gave up.
func notTaken(err error) error {
	if f := (*fault.Fault)(nil); errors.As(err, &f) {
		return errorclass.Unsent(*f, f.Unwrap())
	}
	return errorclass.Unsent(fault.Fault{
		Kind: fault.Unavailable, Class: fault.Rate, Message: "gave up waiting for the API budget of the account",
		Remedy: "Nothing to do: the call is made again.",
	}, err)
}
