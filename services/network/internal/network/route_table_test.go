package network_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/network/internal/network"
)

func TestDeleteOfARouteTableEndsOnlyStaleAssociations(t *testing.T) {
	t.Parallel()
	for name, foreign := range map[string]bool{
		"no subnet exists": false,
		"a subnet that Skep did not associate exists": true,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim, err := awssim.New(awssim.Options{Seed: 1})
				require.NoError(t, err)
				config := sim.Config(graphtest.Account, graphtest.Region)
				session.Instrument(&config, ratelimit.New(ratelimit.NewLocal(1)), graphtest.Account)
				api := ec2.NewFromConfig(config)
				vpc, err := api.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
				require.NoError(t, err)
				time.Sleep(time.Minute)
				table, err := api.CreateRouteTable(t.Context(), &ec2.CreateRouteTableInput{VpcId: vpc.Vpc.VpcId})
				require.NoError(t, err)
				if foreign {
					subnet, err := api.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.0.0.0/24")})
					require.NoError(t, err)
					_, err = api.AssociateRouteTable(t.Context(), &ec2.AssociateRouteTableInput{RouteTableId: table.RouteTable.RouteTableId, SubnetId: subnet.Subnet.SubnetId})
					require.NoError(t, err)
				}
				sim.ResetCalls()
				sim.Inject(awssim.Faults{Before: func(c awssim.Call) error {
					if c.N == 1 {
						return &smithy.GenericAPIError{Code: "DependencyViolation"}
					}
					return nil
				}})
				ledger := graph.NewMemory("test", graph.Entry{Name: "route-table/public", Token: "token", ID: *table.RouteTable.RouteTableId, State: graph.Ready})
				report := graph.Walk{Ledger: ledger, Factories: network.Factories(api, owner)}.Delete(t.Context())
				if !foreign {
					require.True(t, report.Settled(), report.Err())
					return
				}
				require.Equal(t, "DependencyViolation", errorclass.Code(report.Err()))
				require.Zero(t, sim.CountCalls()["DisassociateRouteTable"])
			})
		})
	}
}
