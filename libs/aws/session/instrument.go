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

// instrumentation is the name of the tracer. The tracer is read at each use, so that it is the one of the
// provider that is set now.
const instrumentation = "github.com/skep-dev/skep/libs/aws/session"

// Instrument adds to a configuration what every call of Skep to AWS passes: a span, the queue of hosted zones, the
// rate limit of the account, retries of throttled calls only, and errors that are faults.
func Instrument(config *aws.Config, calls *ratelimit.Limiter, account string) {
	config.Retryer = func() aws.Retryer { return onlyThrottled{retry.NewStandard()} }
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		if err := stack.Initialize.Add(traced(), middleware.Before); err != nil {
			return err
		}
		if err := stack.Initialize.Add(zonequeue.Middleware(calls), middleware.After); err != nil {
			return err
		}
		// Credentials come first: if a token waited for credentials, AWS would count the call later than the limiter
		// did.
		return stack.Finalize.Insert(rateLimited(calls, account), "GetIdentity", middleware.After)
	})
}

// onlyThrottled retries a call only if AWS refused it for its rate. Such a call certainly had no effect. The ledger
// handles all other failures, because a blind second create may create a second resource.
type onlyThrottled struct{ *retry.Standard }

// IsErrorRetryable implements aws.Retryer. It reports whether AWS refused the call for its rate.
func (onlyThrottled) IsErrorRetryable(err error) bool { return errorclass.IsThrottle(err) }

// traceID is the id of the middleware behind which others are inserted.
const traceID = "SkepTrace"

// traced opens a span around the whole call, retries included, and turns its error into a fault.
func traced() middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc(traceID, func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
		ctx, span := otel.Tracer(instrumentation).Start(ctx, service+" "+operation, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
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
				slog.WarnContext(ctx, "throttle was not reported to the token source", "call", call.Service+" "+call.Operation, "error", reported)
			}
		}
		return out, metadata, err
	})
}

// notTaken returns the fault of a call for which the limiter gave no token: its turn is too far away, or its caller
// gave up.
func notTaken(err error) error {
	if f := (*fault.Fault)(nil); errors.As(err, &f) {
		return errorclass.Unsent(*f, f.Unwrap())
	}
	return errorclass.Unsent(fault.Fault{
		Kind: fault.Unavailable, Class: fault.Rate, Message: "gave up waiting for the API budget of the account",
		Remedy: "Nothing to do: Skep retries the call.",
	}, err)
}
