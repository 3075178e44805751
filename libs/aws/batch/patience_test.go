package batch_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func TestAPatientReadWaitsUntilAnUrgentReadJoins(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		second time.Duration // delay after the first read
		urgent bool
		calls  int
		took   time.Duration // until the first read is answered; a call takes 90 ms
	}{
		"another patient read comes in time": {80 * time.Millisecond, false, 1, 190 * time.Millisecond},
		"another read comes too late":        {300 * time.Millisecond, false, 2, 190 * time.Millisecond},
		"an urgent read comes":               {20 * time.Millisecond, true, 1, 115 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
				groups := createGroups(t, w.Config(account, region), 2)
				w.ResetCalls()
				patient := callcontext.With(t.Context(), callcontext.Call{Patience: 100 * time.Millisecond})
				second := patient
				if test.urgent {
					second = t.Context()
				}
				var took time.Duration
				errs := all(2, func(i int) error {
					if i == 1 {
						time.Sleep(test.second)
						return group(second, s.Config, groups[1])
					}
					defer func(began time.Time) { took = time.Since(began) }(time.Now())
					return group(patient, s.Config, groups[0])
				})
				require.Equal(t, []error{nil, nil}, errs)
				require.Equal(t, test.calls, w.CountCalls()["DescribeSecurityGroups"])
				require.Equal(t, test.took, took)
			})
		})
	}
}

func TestReadsOfInterfacesByDescriptionAreCombined(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		config := w.Config(account, region)
		api, vpc := ec2.NewFromConfig(config), createVPC(t, config)
		subnet, err := api.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: aws.String(vpc), CidrBlock: aws.String("10.0.0.0/24"), AvailabilityZone: aws.String(region + "a")})
		require.NoError(t, err)
		for _, use := range []string{"one", "other"} {
			_, err := api.CreateNetworkInterface(t.Context(), &ec2.CreateNetworkInterfaceInput{SubnetId: subnet.Subnet.SubnetId, Description: aws.String(use)})
			require.NoError(t, err)
		}
		w.ResetCalls()
		found := make([][]types.NetworkInterface, 3)
		errs := all(3, func(i int) error {
			out, err := describeInterfaces(t.Context(), s.Config, []string{"one", "other", "neither"}[i])
			found[i] = out
			return err
		})
		require.Equal(t, []error{nil, nil, nil}, errs)
		require.Equal(t, map[string]int{"DescribeNetworkInterfaces": 1}, w.CountCalls())
		require.Equal(t, "one", aws.ToString(found[0][0].Description))
		require.Equal(t, "other", aws.ToString(found[1][0].Description))
		require.Empty(t, found[2])
	})
}

func describeInterfaces(ctx context.Context, config aws.Config, description string) ([]types.NetworkInterface, error) {
	out, err := ec2.NewFromConfig(config).DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: []types.Filter{
		{Name: aws.String("description"), Values: []string{description}},
	}})
	if err != nil {
		return nil, err
	}
	return out.NetworkInterfaces, nil
}
