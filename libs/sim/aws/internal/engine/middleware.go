package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

type inputKey struct{}

// Install makes the engine answer the clients that are made from cfg. The engine reads caller and region from the
// signature, so the credentials must have a key from AccessKey or from the simulated STS.
func (e *Engine) Install(cfg *aws.Config) {
	cfg.APIOptions = append(cfg.APIOptions, e.install)
}

// install keeps the typed input once the SDK has completed it, and answers in place of the network: inside the retry
// loop and after signing.
func (e *Engine) install(stack *middleware.Stack) error {
	keep := middleware.InitializeMiddlewareFunc("awssim.Keep", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(context.WithValue(ctx, inputKey{}, in.Parameters), in)
	})
	answer := middleware.DeserializeMiddlewareFunc("awssim.Answer", func(
		ctx context.Context, in middleware.DeserializeInput, _ middleware.DeserializeHandler,
	) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
		authorization := ""
		if request, ok := in.Request.(*smithyhttp.Request); ok {
			authorization = request.Header.Get("Authorization")
		}
		service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
		result, requestID, err := e.answer(ctx, service, operation, authorization, ctx.Value(inputKey{}))
		awsmiddleware.SetRequestIDMetadata(&metadata, requestID)
		out.RawResponse = response(err)
		out.Result = result
		return out, metadata, err
	})
	if err := stack.Initialize.Add(keep, middleware.After); err != nil {
		return err
	}
	return stack.Deserialize.Add(answer, middleware.Before)
}
