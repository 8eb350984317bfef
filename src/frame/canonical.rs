//! The set of canonical frames that ingest hands to reconcile.

use polars::prelude::DataFrame;

use super::column::Frame;
use super::{
    cod_remittances, documents, order_events, order_lines, orders, payout_lines, postage_overview, shipments,
    shop_orders, statements, supplier_orders, tracking_events,
};
use crate::vocab::Kind;

/// One frame per kind; a kind without a source is an empty frame with all its columns.
#[derive(Debug, Clone, Default)]
pub struct CanonicalFrames {
    /// [`orders`]
    pub orders: DataFrame,
    /// [`order_lines`]
    pub order_lines: DataFrame,
    /// [`order_events`]
    pub order_events: DataFrame,
    /// [`tracking_events`]
    pub tracking_events: DataFrame,
    /// [`shipments`]
    pub shipments: DataFrame,
    /// [`payout_lines`]
    pub payout_lines: DataFrame,
    /// [`statements`]
    pub statements: DataFrame,
    /// [`postage_overview`]
    pub postage_overview: DataFrame,
    /// [`documents`]
    pub documents: DataFrame,
    /// [`shop_orders`]
    pub shop_orders: DataFrame,
    /// [`supplier_orders`]
    pub supplier_orders: DataFrame,
    /// [`cod_remittances`]
    pub cod_remittances: DataFrame,
}

/// The canonical frame of a kind.
pub fn frame_of(kind: Kind) -> Frame {
    match kind {
        Kind::Orders => orders::FRAME,
        Kind::OrderLines => order_lines::FRAME,
        Kind::OrderEvents => order_events::FRAME,
        Kind::TrackingEvents => tracking_events::FRAME,
        Kind::Shipments => shipments::FRAME,
        Kind::PayoutLines => payout_lines::FRAME,
        Kind::Statements => statements::FRAME,
        Kind::PostageOverview => postage_overview::FRAME,
        Kind::Documents => documents::FRAME,
        Kind::ShopOrders => shop_orders::FRAME,
        Kind::SupplierOrders => supplier_orders::FRAME,
        Kind::CodRemittances => cod_remittances::FRAME,
    }
}

impl CanonicalFrames {
    /// The frame of a kind.
    pub fn of(&self, kind: Kind) -> &DataFrame {
        match kind {
            Kind::Orders => &self.orders,
            Kind::OrderLines => &self.order_lines,
            Kind::OrderEvents => &self.order_events,
            Kind::TrackingEvents => &self.tracking_events,
            Kind::Shipments => &self.shipments,
            Kind::PayoutLines => &self.payout_lines,
            Kind::Statements => &self.statements,
            Kind::PostageOverview => &self.postage_overview,
            Kind::Documents => &self.documents,
            Kind::ShopOrders => &self.shop_orders,
            Kind::SupplierOrders => &self.supplier_orders,
            Kind::CodRemittances => &self.cod_remittances,
        }
    }

    /// The place of the frame of a kind.
    pub fn of_mut(&mut self, kind: Kind) -> &mut DataFrame {
        match kind {
            Kind::Orders => &mut self.orders,
            Kind::OrderLines => &mut self.order_lines,
            Kind::OrderEvents => &mut self.order_events,
            Kind::TrackingEvents => &mut self.tracking_events,
            Kind::Shipments => &mut self.shipments,
            Kind::PayoutLines => &mut self.payout_lines,
            Kind::Statements => &mut self.statements,
            Kind::PostageOverview => &mut self.postage_overview,
            Kind::Documents => &mut self.documents,
            Kind::ShopOrders => &mut self.shop_orders,
            Kind::SupplierOrders => &mut self.supplier_orders,
            Kind::CodRemittances => &mut self.cod_remittances,
        }
    }
}
