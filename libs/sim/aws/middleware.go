package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

type inputKey struct{}

// Install makes the world answer the clients that are made from cfg. Who calls, and in which region, is read from the
// signature, so credentials have to come from Config, from AccessKey, or from the world's own STS.
func (w *World) Install(cfg *aws.Config) {
	cfg.APIOptions = append(cfg.APIOptions, w.install)
}

// install keeps the typed input when it is complete, and answers it where the network would: inside the retry loop,
// after signing, in place of the response.
func (w *World) install(stack *middleware.Stack) error {
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
		result, requestID, err := w.answer(ctx, service, operation, authorization, ctx.Value(inputKey{}))
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
