use serde_json::json;

use crate::args::Global;
use crate::exit::{Code, Stop};
use crate::{context, show};

pub(crate) async fn services(global: &Global, search: Option<&str>) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let services = context.client.services(search).await?;
    if global.json {
        println!("{}", json!(services));
        return Ok(Code::Done);
    }
    let mut category = None;
    let mut sorted: Vec<_> = services.iter().collect();
    sorted.sort_by(|a, b| (&a.category, &a.name).cmp(&(&b.category, &b.name)));
    for service in sorted {
        if category.replace(&service.category) != Some(&service.category) {
            println!("\n{}", show::clean(&service.category));
        }
        println!("  {}  {}", service.id, show::clean(&service.name));
    }
    println!("\n{} services", services.len());
    Ok(Code::Done)
}

pub(crate) async fn form(global: &Global, service: &str) -> Result<Code, Stop> {
    let context = context::open(global).await?;
    let service = context.client.service(service).await?;
    if global.json {
        println!(
            "{}",
            json!({
                "id": service.id,
                "name": service.name,
                "category": service.category,
                "price": service.price,
                "searchPrice": service.search_price,
                "hasSearch": service.has_search,
                "isSynchronous": service.is_synchronous,
                "options": service.options,
                "fields": service.form.fields,
                "rule": service.form.rule.to_string(),
            })
        );
    } else {
        show::service(&service);
    }
    Ok(Code::Done)
}
