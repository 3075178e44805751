package batch_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/session"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

const (
	account = "111122223333"
	region  = "eu-central-1"
)

// inSession runs a test in virtual time with a session in simulated AWS.
func inSession(t *testing.T, test func(t *testing.T, w *awssim.Simulation, s *session.Session)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, err := awssim.New(awssim.Options{Seed: 1})
		require.NoError(t, err)
		pool := session.New(session.Options{
			Issue: func(context.Context, string) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: w.AccessKey(account), SecretAccessKey: "secret"}, nil
			},
			Base: func(_ context.Context, region string) (aws.Config, error) {
				config := aws.Config{Region: region}
				w.Install(&config)
				return config, nil
			},
		})
		s, err := pool.Session(t.Context(), "organizations/acme/accounts/main", region)
		require.NoError(t, err)
		test(t, w, s)
	})
}

// createVPC creates a VPC and returns its id.
func createVPC(t *testing.T, config aws.Config) string {
	t.Helper()
	out, err := ec2.NewFromConfig(config).CreateVpc(t.Context(), &ec2.CreateVpcInput{
		CidrBlock: aws.String("10.0.0.0/16"), TagSpecifications: session.Owner{Installation: "mine"}.EC2Tags(types.ResourceTypeVpc, "vpc", "token"),
	})
	require.NoError(t, err)
	return aws.ToString(out.Vpc.VpcId)
}
