#include "public_suffixes.hpp"

#include <utility>

#include <libpsl.h>
#include <sys/stat.h>

#include <gatehouse/http/authority.hpp>
#include <gatehouse/rules/public_suffix_list.hpp>

namespace gatehouse::detail::rules {
namespace {

struct freed {
  void operator()(psl_ctx_t* list) const noexcept { psl_free(list); }  // does nothing with the built-in one
};

}  // namespace

struct public_suffixes::implementation {
  std::unique_ptr<psl_ctx_t, freed> list;
  std::int64_t made = 0;  // seconds since 1970; 0: not known
};

public_suffixes::public_suffixes(std::unique_ptr<implementation> i) noexcept : impl_(std::move(i)) {}
public_suffixes::public_suffixes(public_suffixes&&) noexcept = default;
public_suffixes& public_suffixes::operator=(public_suffixes&&) noexcept = default;
public_suffixes::~public_suffixes() = default;

public_suffixes public_suffixes::of_system() {
  auto made = std::make_unique<implementation>();
  // The built-in list's own type is const; psl_free knows it and leaves it alone.
  made->list.reset(const_cast<psl_ctx_t*>(psl_builtin()));
  made->made = psl_builtin_file_time();
  return public_suffixes{std::move(made)};
}

std::optional<public_suffixes> public_suffixes::of_file(const std::string& path) {
  auto made = std::make_unique<implementation>();
  made->list.reset(psl_load_file(path.c_str()));
  // Any text would be read as a list of some kind; one without "com" is none.
  if (made->list == nullptr) return std::nullopt;
  if (psl_is_public_suffix2(made->list.get(), "com", PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 0) return std::nullopt;
  struct ::stat about{};
  if (::stat(path.c_str(), &about) == 0) made->made = about.st_mtime;
  return public_suffixes{std::move(made)};
}

bool public_suffixes::contains(std::string_view host) const noexcept {
  return psl_is_public_suffix2(impl_->list.get(), std::string{host}.c_str(), PSL_TYPE_ANY) != 0;
}

bool public_suffixes::is_private(std::string_view host) const noexcept {
  const std::string name{host};
  return psl_is_public_suffix2(impl_->list.get(), name.c_str(), PSL_TYPE_PRIVATE | PSL_TYPE_NO_STAR_RULE) != 0;
}

std::string public_suffixes::registered(std::string_view host) const {
  const std::string name{host};
  const char* const found = psl_registrable_domain(impl_->list.get(), name.c_str());
  return found == nullptr ? std::string{} : found;
}

std::optional<system_time> public_suffixes::made_at() const noexcept {
  if (impl_->made <= 0) return std::nullopt;
  return system_time{std::chrono::seconds{impl_->made}};
}

}  // namespace gatehouse::detail::rules

namespace gatehouse {

std::optional<system_time> public_suffix_list_made_at(const std::string& path) {
  if (path.empty()) return detail::rules::public_suffixes::of_system().made_at();
  const auto list = detail::rules::public_suffixes::of_file(path);
  return list ? list->made_at() : std::nullopt;
}

same_site_hosts same_site_by_public_suffixes(const std::string& path) {
  using detail::rules::public_suffixes;
  auto read = path.empty() ? std::nullopt : public_suffixes::of_file(path);
  // Shared, because a std::function is copied.
  const auto list = std::make_shared<const public_suffixes>(read ? *std::move(read) : public_suffixes::of_system());
  return [list](std::string_view a, std::string_view b) {
    // https://url.spec.whatwg.org/#host-registrable-domain : an address has none, and a dot at the end is part of it.
    const auto registered = [&list](std::string_view host) -> std::string {
      const auto parsed = authority::parse(host);
      if (!parsed || parsed->address) return {};
      const bool rooted = host.ends_with('.');
      if (rooted) host.remove_suffix(1);
      std::string out = list->registered(host);
      return out.empty() || !rooted ? out : out + '.';
    };
    const std::string of_a = registered(a);
    return a == b || (!of_a.empty() && of_a == registered(b));
  };
}

}  // namespace gatehouse
