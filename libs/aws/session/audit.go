package session

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel/trace"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// addAudit adds to a configuration an audit line before every attempt of a mutating call, and another one with the
// outcome after it. It runs behind the rate limit, so that a line is stored only when the call is about to be sent.
func addAudit(config *aws.Config, log *audit.Log, account string) {
	if log == nil {
		return
	}
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(auditMiddleware(log, account), "SkepRateLimit", middleware.After)
	})
}

func auditMiddleware(log *audit.Log, account string) middleware.FinalizeMiddleware {
	return middleware.FinalizeMiddlewareFunc("SkepAudit", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if ratelimit.Reads(awsmiddleware.GetOperationName(ctx)) {
			return next.HandleFinalize(ctx, in)
		}
		line := lineOf(ctx, account)
		end, err := log.Begin(ctx, line)
		if err != nil {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, errorclass.Unsent(fault.Fault{
				Kind: fault.Unavailable, Class: fault.Transient,
				Message: "the audit line of the call could not be stored, so the call was not sent",
				Remedy:  "Nothing to do: Skep retries. If the error persists, check that NATS runs and is provisioned.",
			}, err)
		}
		began := time.Now()
		out, metadata, err := next.HandleFinalize(ctx, in)
		end(concluded(line, metadata, err, time.Since(began)))
		return out, metadata, err
	})
}

// lineOf returns the audit line of the call in ctx.
func lineOf(ctx context.Context, account string) audit.Line {
	call := callcontext.From(ctx)
	line := audit.Line{
		Account: account, Region: awsmiddleware.GetRegion(ctx),
		API: awsmiddleware.GetServiceID(ctx), Operation: awsmiddleware.GetOperationName(ctx),
		Record: call.Object, Step: call.Resource, ID: call.ID, Intent: call.Token,
	}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		line.Trace = span.TraceID().String()
	}
	return line
}

// concluded returns the line with the outcome of the call.
func concluded(line audit.Line, metadata middleware.Metadata, err error, took time.Duration) audit.Line {
	line.Outcome, line.Duration = audit.Done, took
	if id, ok := awsmiddleware.GetRequestIDMetadata(metadata); ok {
		line.RequestID = id
	}
	if err == nil {
		return line
	}
	f := fault.Of(errorclass.Wrap(line.API+" "+line.Operation, err))
	line.Outcome, line.Code = audit.Refused, f.AWSCode
	switch {
	case f.AWSCode == errorclass.NotSent:
		line.Outcome = audit.Unsent
	case f.Uncertain:
		line.Outcome = audit.Uncertain
	}
	if response := (*awshttp.ResponseError)(nil); line.RequestID == "" && errors.As(err, &response) {
		line.RequestID = response.ServiceRequestID()
	}
	return line
}
