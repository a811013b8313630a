#include "public_suffixes.hpp"

#include <utility>

#include <libpsl.h>
#include <sys/stat.h>

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
