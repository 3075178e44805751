package cluster_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// network is a switch with a host on each of its ports, and the test on one more.
// Every host and the switch are network namespaces: to take a port down is to pull
// a cable, which tells nobody.
type network struct {
	hub   *netlink.Handle
	hosts [size]netns.NsHandle
	ports [size]netlink.Link
}

// subnet holds the addresses: a part of the range that is set aside for tests of
// networks (RFC 2544), which no machine uses. Its third byte tells networks of
// tests that run at once apart.
func subnet(host byte) net.IPNet {
	return net.IPNet{IP: net.IPv4(198, 18, byte(os.Getpid()), host), Mask: net.CIDRMask(24, 32)}
}

// address is where a host is.
func (*network) address(i int) string { return subnet(byte(10 + i)).IP.String() }

// newNetwork makes a network that lasts until the test ends. Who may not make one
// skips the test: it takes the rights of root over the network.
func newNetwork(t *testing.T) *network {
	t.Helper()
	n := new(network)
	here, err := netns.Get()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, here.Close()) })
	hub, err := namespace(here)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("only root may make network namespaces")
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, hub.Close()) })
	n.hub = handle(t, hub)
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "switch"}}
	require.NoError(t, n.hub.LinkAdd(bridge))
	require.NoError(t, n.hub.LinkSetUp(bridge))
	for i := range size {
		n.hosts[i], err = namespace(here)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, n.hosts[i].Close()) })
		n.ports[i] = n.plug(t, bridge, fmt.Sprintf("port%d", i), n.hosts[i], subnet(byte(10+i)))
	}
	n.plug(t, bridge, "test", here, subnet(1))
	return n
}

// namespace makes a network namespace and comes back to this one.
func namespace(here netns.NsHandle) (netns.NsHandle, error) {
	runtime.LockOSThread()
	made, err := netns.New()
	if err != nil {
		runtime.UnlockOSThread()
		return made, err
	}
	if err := netns.Set(here); err != nil {
		// The thread stays locked, and ends with the goroutine.
		return made, err
	}
	runtime.UnlockOSThread()
	return made, nil
}

func handle(t *testing.T, in netns.NsHandle) *netlink.Handle {
	t.Helper()
	h, err := netlink.NewHandleAt(in)
	require.NoError(t, err)
	t.Cleanup(h.Close)
	return h
}

// plug connects a host to the switch by a cable with an end in each.
func (n *network) plug(t *testing.T, bridge netlink.Link, name string, host netns.NsHandle, address net.IPNet) netlink.Link {
	t.Helper()
	far := fmt.Sprintf("skep%d", os.Getpid())
	require.NoError(t, n.hub.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: name}, PeerName: far, PeerNamespace: netlink.NsFd(int(host))}))
	port, err := n.hub.LinkByName(name)
	require.NoError(t, err)
	require.NoError(t, n.hub.LinkSetMaster(port, bridge))
	require.NoError(t, n.hub.LinkSetUp(port))
	there := handle(t, host)
	end, err := there.LinkByName(far)
	require.NoError(t, err)
	require.NoError(t, there.AddrAdd(end, &netlink.Addr{IPNet: &address}))
	require.NoError(t, there.LinkSetUp(end))
	loopback, err := there.LinkByName("lo")
	require.NoError(t, err)
	require.NoError(t, there.LinkSetUp(loopback))
	return port
}

// set pulls the cable of a host, or plugs it in again.
func (n *network) set(t *testing.T, i int, cut bool) {
	t.Helper()
	if cut {
		require.NoError(t, n.hub.LinkSetDown(n.ports[i]))
		return
	}
	require.NoError(t, n.hub.LinkSetUp(n.ports[i]))
}

// on runs what starts a process, so that it runs on a host.
func (n *network) on(t *testing.T, i int, start func()) {
	t.Helper()
	runtime.LockOSThread()
	here, err := netns.Get()
	require.NoError(t, err)
	require.NoError(t, netns.Set(n.hosts[i]))
	start()
	require.NoError(t, netns.Set(here))
	runtime.UnlockOSThread()
	require.NoError(t, here.Close())
}
