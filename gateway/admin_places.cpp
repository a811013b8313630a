#include "admin_places.hpp"

#include <gatehouse/config/admin_address.hpp>

#include "admin_folder.hpp"

namespace gatehouse::program {
namespace {

/// As `admin.listen` says; a client cannot connect to "all addresses".
std::string url_of(endpoint at) {
  if (at.address.is_unspecified()) at.address = *ip_address::parse(at.address.is_v4() ? "127.0.0.1" : "::1");
  return "http://" + at.to_string();
}

}  // namespace

admin_places admin_places_of(const std::optional<std::string>& told, const gateway_config& config) {
  admin_places out{.token = config.admin.token};
  if (told) {
    out.addresses = {*told};
    return out;
  }
  const auto at = admin_address::parse(config.admin.listen);
  switch (at ? at->what : admin_address::kind::off) {
    case admin_address::kind::automatic:
      out.addresses = admin_sockets();
      for (std::string& path : out.addresses) path.insert(0, "unix:");
      out.trouble =
          "no gateway of this user has an admin socket; gatehouse run says where its own is ($XDG_RUNTIME_DIR must "
          "be set, or admin.listen)";
      break;
    case admin_address::kind::off: out.trouble = "admin.listen is off: nobody can be asked"; break;
    case admin_address::kind::unix_socket: out.addresses = {config.admin.listen}; break;
    case admin_address::kind::tcp:
      if (at->at.port == 0) {
        out.trouble =
            "admin.listen has port 0, and the running gateway knows which that became: --admin http://127.0.0.1:PORT";
      } else {
        out.addresses = {url_of(at->at)};
      }
      break;
  }
  return out;
}

}  // namespace gatehouse::program
