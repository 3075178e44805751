package vpc

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// route sends traffic for an address block to one target.
type route struct{ Destination, Gateway, NATGateway, Interface string }

func (r route) target() string { return cmp.Or(r.Gateway, r.NATGateway, r.Interface) }

func handleRoute(s *engine.Service) {
	understood := engine.Fields{"RouteTableId", "DestinationCidrBlock", "GatewayId", "NatGatewayId", "NetworkInterfaceId"}
	engine.Handle(s, "CreateRoute", understood, createRoute)
	engine.Handle(s, "ReplaceRoute", understood, replaceRoute)
	engine.Handle(s, "DeleteRoute", engine.Fields{"RouteTableId", "DestinationCidrBlock"}, deleteRoute)
}

func createRoute(c *engine.Call, in *ec2.CreateRouteInput) (*ec2.CreateRouteOutput, error) {
	t, i, err := findRoute(c, in.RouteTableId, in.DestinationCidrBlock)
	if err != nil {
		return nil, err
	}
	to, err := routeTo(c, t, in.DestinationCidrBlock, in.GatewayId, in.NatGatewayId, in.NetworkInterfaceId)
	switch {
	case err != nil:
		return nil, err
	case i >= 0 && t.Data.Routes[i] == to:
		return &ec2.CreateRouteOutput{Return: aws.Bool(true)}, nil
	case i >= 0:
		return nil, engine.Refuse("RouteAlreadyExists", "The route identified by %s already exists.", to.Destination)
	}
	if err := c.CheckQuota("RoutesPerRouteTable", len(t.Data.Routes), "RouteLimitExceeded", "The maximum number of routes has been reached."); err != nil {
		return nil, err
	}
	t.Data.Routes = append(t.Data.Routes, to)
	routeTables.Put(c, t)
	return &ec2.CreateRouteOutput{Return: aws.Bool(true)}, nil
}

func replaceRoute(c *engine.Call, in *ec2.ReplaceRouteInput) (*ec2.ReplaceRouteOutput, error) {
	t, i, err := findRoute(c, in.RouteTableId, in.DestinationCidrBlock)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		return nil, routeNotFound(t, in.DestinationCidrBlock)
	}
	to, err := routeTo(c, t, in.DestinationCidrBlock, in.GatewayId, in.NatGatewayId, in.NetworkInterfaceId)
	if err != nil {
		return nil, err
	}
	t.Data.Routes[i] = to
	routeTables.Put(c, t)
	return &ec2.ReplaceRouteOutput{}, nil
}

func deleteRoute(c *engine.Call, in *ec2.DeleteRouteInput) (*ec2.DeleteRouteOutput, error) {
	t, i, err := findRoute(c, in.RouteTableId, in.DestinationCidrBlock)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		return nil, routeNotFound(t, in.DestinationCidrBlock)
	}
	t.Data.Routes = slices.Delete(t.Data.Routes, i, i+1)
	routeTables.Put(c, t)
	return &ec2.DeleteRouteOutput{}, nil
}

func routeNotFound(t *engine.Resource[routeTable], destination *string) error {
	return engine.Refuse("InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", aws.ToString(destination), t.ID)
}

// findRoute finds a table, and the index of its route to the destination, or -1. Local routes are not among them.
func findRoute(c *engine.Call, table, destination *string) (*engine.Resource[routeTable], int, error) {
	t, err := routeTables.Get(c, table)
	if err != nil {
		return nil, -1, err
	}
	prefix, err := block("destinationCidrBlock", destination)
	if err != nil {
		return nil, -1, err
	}
	v, err := VPCs.Get(c, &t.Data.VPC)
	if err != nil {
		return nil, -1, err
	}
	if slices.ContainsFunc(v.Data.Blocks, func(b CIDRBlock) bool { return b.Prefix == prefix }) {
		return nil, -1, engine.Refuse("InvalidParameterValue", "The destination CIDR block %s is equal to the VPC's CIDR block.", prefix)
	}
	return t, slices.IndexFunc(t.Data.Routes, func(r route) bool { return r.Destination == prefix.String() }), nil
}

// routeTo returns the requested route after it has checked that there is one target and that it exists in the VPC of
// the table. A NAT gateway has to be available.
func routeTo(c *engine.Call, t *engine.Resource[routeTable], destination, gateway, nat, eni *string) (route, error) {
	prefix, err := block("destinationCidrBlock", destination)
	if err != nil {
		return route{}, err
	}
	to := route{prefix.String(), aws.ToString(gateway), aws.ToString(nat), aws.ToString(eni)}
	network := ""
	switch to.target() {
	case "":
		return route{}, engine.MissingParameter("gatewayId")
	case to.Gateway:
		g, err := InternetGateways.Get(c, gateway)
		if err != nil {
			return route{}, engine.Refuse("InvalidGatewayID.NotFound", "The gateway ID '%s' does not exist", to.Gateway)
		}
		network = g.Data.VPC
	case to.NATGateway:
		n, err := NATGateways.Get(c, nat)
		if err != nil || natState(c, n) != "available" {
			return route{}, engine.Refuse("InvalidNatGatewayID.NotFound", "The natGateway ID '%s' does not exist", to.NATGateway)
		}
		network = n.Data.VPC
	case to.Interface:
		i, err := NetworkInterfaces.Get(c, eni)
		if err != nil {
			return route{}, err
		}
		network = i.Data.VPC
	}
	if only := (route{to.Destination, to.Gateway, "", ""}); to.Gateway != "" && to != only || to.NATGateway != "" && to.Interface != "" {
		return route{}, engine.Refuse("InvalidParameterCombination", "Only one target may be specified for a route.")
	}
	if network != t.Data.VPC {
		return route{}, engine.Refuse("InvalidParameterValue", "route table %s and network gateway %s belong to different networks", t.ID, to.target())
	}
	return to, nil
}

// showRoutes returns all routes of a table: local routes, its own, and those of gateway endpoints.
func showRoutes(c *engine.Call, t *engine.Resource[routeTable]) []types.Route {
	var shown []types.Route
	if v, ok := VPCs.Find(c, t.Data.VPC); ok {
		for _, b := range v.Data.Blocks {
			shown = append(shown, types.Route{
				DestinationCidrBlock: aws.String(b.Prefix.String()), GatewayId: aws.String("local"),
				Origin: types.RouteOriginCreateRouteTable, State: types.RouteStateActive,
			})
		}
	}
	for _, r := range t.Data.Routes {
		shown = append(shown, types.Route{
			DestinationCidrBlock: aws.String(r.Destination), GatewayId: engine.Optional(r.Gateway), NatGatewayId: engine.Optional(r.NATGateway),
			NetworkInterfaceId: engine.Optional(r.Interface), Origin: types.RouteOriginCreateRoute, State: routeState(c, t, r),
		})
	}
	for _, e := range Endpoints.OwnedBy(c, t.Data.VPC) {
		if slices.Contains(e.Data.RouteTables, t.ID) && !e.Deleting() {
			shown = append(shown, types.Route{
				DestinationPrefixListId: aws.String(prefixList(e.Data.Service)), GatewayId: aws.String(e.ID),
				Origin: types.RouteOriginCreateRoute, State: types.RouteStateActive,
			})
		}
	}
	return shown
}

// routeState is blackhole if the target does not exist or is detached.
func routeState(c *engine.Call, t *engine.Resource[routeTable], r route) types.RouteState {
	alive := false
	switch r.target() {
	case r.Gateway:
		g, ok := InternetGateways.Find(c, r.Gateway)
		alive = ok && g.Data.VPC == t.Data.VPC
	case r.NATGateway:
		n, ok := NATGateways.Find(c, r.NATGateway)
		alive = ok && natState(c, n) == "available"
	case r.Interface:
		alive = NetworkInterfaces.Exists(c, r.Interface)
	}
	if alive {
		return types.RouteStateActive
	}
	return types.RouteStateBlackhole
}
