#include "resolver.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>

namespace gatehouse::detail::net {
namespace {

using boost::asio::ip::tcp;

ip_address to_address(const boost::asio::ip::address& from) noexcept {
  if (from.is_v4()) return ip_address::v4(from.to_v4().to_bytes());
  return ip_address::v6(from.to_v6().to_bytes());
}

std::vector<ip_address> to_addresses(const tcp::resolver::results_type& results) {
  std::vector<ip_address> out;
  for (const auto& entry : results) {
    const ip_address address = to_address(entry.endpoint().address());
    if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
  }
  return out;
}

class asio_lookup final : public lookup {
 public:
  asio_lookup(reactor& r, const std::string& name, lookup_owner& owner)
      : resolver_(r.context()), owner_(std::make_shared<lookup_owner*>(&owner)) {
    resolver_.async_resolve(name, "",
                            [&r, to = owner_](const boost::system::error_code& error, const auto& results) noexcept {
                              if (*to == nullptr) return;
                              const reactor::event_scope scope(r);
                              lookup_owner& told = **to;
                              told.on_addresses(error ? std::vector<ip_address>{} : to_addresses(results));
                            });
  }
  // The handler comes back even when cancelled, and finds nobody to tell.
  ~asio_lookup() override { *owner_ = nullptr; }

 private:
  tcp::resolver resolver_;
  std::shared_ptr<lookup_owner*> owner_;
};

}  // namespace

std::unique_ptr<lookup> start_lookup(reactor& r, const std::string& name, lookup_owner& owner) {
  try {
    return std::make_unique<asio_lookup>(r, name, owner);
  } catch (const boost::system::system_error&) {
    return nullptr;
  }
}

}  // namespace gatehouse::detail::net
