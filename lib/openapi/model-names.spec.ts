import { describe, expect, it } from '@jest/globals';
import { ModelNames, modelPrefix } from './model-names.js';

describe('ModelNames', () => {
  it('are names of classes, of their own for each event', () => {
    const names = new ModelNames('Orders');
    const events = ['created', 'invoice.paid', 'invoice-paid', 'invoice_Paid', 'größer', '…'];
    expect(events.map((event) => names.of(event))).toEqual([
      'OrdersCreatedEvent',
      'OrdersInvoicePaidEvent',
      'OrdersInvoicePaidEvent2',
      'OrdersInvoicePaidEvent3',
      'OrdersGrErEvent',
      'OrdersEvent',
    ]);
  });

  it('begin with the controller and the method', () => {
    expect(modelPrefix('OrdersController', 'follow')).toBe('OrdersFollow');
    expect(modelPrefix('Feed', Symbol('mine'))).toBe('FeedMine');
  });
});
